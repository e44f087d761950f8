//! average += rate · (value - average).

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::Ema { rate } = call.op else { unreachable!("dispatched by op") };
    let elements = call.operands[0].shape.elements();
    let width = lane_width(elements);
    let lanes = elements / width;
    let mut shader = call.shader(lane_constants(width), &[shader!("ema")]);
    shader.scalars = true;
    let params = [lanes as u32, rate.index() as u32, 0, 0];
    let places = [(Place::Operand(1), Read), (Place::Operand(0), Write)];
    vec![linear(shader, &places, bytemuck::cast_slice(&params), lanes)]
}
