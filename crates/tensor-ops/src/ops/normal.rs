//! Standard normal draws.

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
    let Op::Normal { stream } = *call.op else { unreachable!("dispatched by op") };
    let draw = Draw { shape: &call.results[0].shape, stream, first_block: 0 };
    vec![random(call, shader!("normal"), &draw, &[(Place::Result(0), Write)], &[])]
}
