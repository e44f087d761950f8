//! One step of Adam over a flat buffer.

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::Adam { first_rate, second_rate, epsilon, step_size, correction } = call.op else {
        unreachable!("dispatched by op")
    };
    let elements = call.operands[0].shape.elements();
    let width = lane_width(elements);
    let lanes = elements / width;
    let mut shader = call.shader(lane_constants(width), &[shader!("adam")]);
    shader.scalars = true;
    let params = [
        lanes as u32,
        first_rate.to_bits(),
        second_rate.to_bits(),
        epsilon.to_bits(),
        step_size.index() as u32,
        correction.index() as u32,
        0,
        0,
    ];
    let places = [
        (Place::Operand(1), Read),
        (Place::Operand(0), Write),
        (Place::Operand(2), Write),
        (Place::Operand(3), Write),
    ];
    vec![linear(shader, &places, bytemuck::cast_slice(&params), lanes)]
}
