//! Every element is one value.

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::Write,
    shaders::{lane_constants, shader},
};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::Fill { value } = call.op else { unreachable!("dispatched by op") };
    let elements = call.results[0].shape.elements();
    let width = lane_width(elements);
    let lanes = elements / width;
    let shader = call.shader(lane_constants(width), &[shader!("fill")]);
    let params = [lanes as u32, value.to_bits(), 0, 0];
    vec![linear(shader, &[(Place::Result(0), Write)], bytemuck::cast_slice(&params), lanes)]
}
