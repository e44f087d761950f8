//! y = x / (1 - rate) where the draw keeps it, 0 elsewhere.

use super::{
    Call,
    random::{Draw, random},
};
use crate::{
    launch::{Launch, Place},
    pipeline::Access::{Read, Write},
    shaders::shader,
};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::Dropout { rate, stream } = *call.op else { unreachable!("dispatched by op") };
    let draw = Draw { shape: &call.operands[0].shape, stream, first_block: 0 };
    let threshold = (f64::from(rate) * 4_294_967_296.0) as u32;
    let factor = (1.0 / (1.0 - f64::from(rate))) as f32;
    let places = [(Place::Operand(0), Read), (Place::Result(0), Write)];
    let more = [threshold, factor.to_bits(), 0, 0];
    vec![random(call, shader!("dropout"), &draw, &places, &more)]
}
