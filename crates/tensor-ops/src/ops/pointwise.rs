//! Ops that treat every element alike.

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};

/// y = apply(x), with two parameters.
pub(super) fn unary(call: &Call<'_>, apply: &'static str, parameters: [f32; 2]) -> Launch {
    let places = [(Place::Operand(0), Read), (Place::Result(0), Write)];
    pointwise(call, &[shader!("pointwise_unary"), apply], &places, parameters)
}

/// z = apply(x, y), with two parameters.
pub(super) fn binary(call: &Call<'_>, apply: &'static str, parameters: [f32; 2]) -> Launch {
    let places = [(Place::Operand(0), Read), (Place::Operand(1), Read), (Place::Result(0), Write)];
    pointwise(call, &[shader!("pointwise_binary"), apply], &places, parameters)
}

/// One dispatch over the elements of the first operand.
pub(super) fn pointwise(
    call: &Call<'_>,
    parts: &[&'static str],
    places: &[(Place, crate::pipeline::Access)],
    [a, b]: [f32; 2],
) -> Launch {
    let elements = call.operands[0].shape.elements();
    let width = lane_width(elements);
    let lanes = elements / width;
    let params = [lanes as u32, a.to_bits(), b.to_bits(), 0];
    let shader = call.shader(lane_constants(width), parts);
    linear(shader, places, bytemuck::cast_slice(&params), lanes)
}
