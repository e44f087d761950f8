//! Moves running statistics towards a batch's.

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::BatchNormRunning { momentum, count } = *call.op else {
        unreachable!("dispatched by op")
    };
    let elements = call.operands[0].shape.elements();
    let width = lane_width(elements);
    let lanes = elements / width;
    let shader = call.shader(lane_constants(width), &[shader!("batch_norm_running")]);
    let unbiased = (count as f64 / (count - 1) as f64) as f32;
    let params = [lanes as u32, momentum.to_bits(), unbiased.to_bits(), 0];
    let places = [
        (Place::Operand(2), Read),
        (Place::Operand(3), Read),
        (Place::Operand(0), Write),
        (Place::Operand(1), Write),
    ];
    vec![linear(shader, &places, bytemuck::cast_slice(&params), lanes)]
}
