//! Normalises, scales and shifts each channel, then LeakyReLU.

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::BatchNorm { epsilon } = call.op else { unreachable!("dispatched by op") };
    let shape = &call.operands[0].shape;
    let width = lane_width(shape.channels());
    let lanes = shape.elements() / width;
    let shader = call.shader(lane_constants(width), &[shader!("batch_norm")]);
    let channel_lanes = (shape.channels() / width) as u32;
    let params = [lanes as u32, channel_lanes, epsilon.to_bits(), call.slope.to_bits()];
    let mut places: Vec<_> = (0..5).map(|operand| (Place::Operand(operand), Read)).collect();
    places.push((Place::Result(0), Write));
    vec![linear(shader, &places, bytemuck::cast_slice(&params), lanes)]
}
