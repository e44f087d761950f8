//! y[r, c] = x[r, c] + bias[c].

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let shape = &call.operands[0].shape;
    let width = lane_width(shape.channels());
    let lanes = shape.elements() / width;
    let shader = call.shader(lane_constants(width), &[shader!("bias")]);
    let params = [lanes as u32, (shape.channels() / width) as u32, 0, 0];
    let places = [(Place::Operand(0), Read), (Place::Operand(1), Read), (Place::Result(0), Write)];
    vec![linear(shader, &places, bytemuck::cast_slice(&params), lanes)]
}
