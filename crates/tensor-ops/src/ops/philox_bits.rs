//! Philox4x32-10 bits.

use super::{
    Call,
    random::{Draw, random},
};
use crate::{
    launch::{Launch, Place},
    pipeline::Access::Write,
    shaders::shader,
};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::PhiloxBits { stream, first_block } = *call.op else { unreachable!("dispatched by op") };
    let draw = Draw { shape: &call.results[0].shape, stream, first_block };
    vec![random(call, shader!("philox_bits"), &draw, &[(Place::Result(0), Write)], &[])]
}
