//! The gradient of a batch norm in training with respect to its input.

use super::{Call, batch_norm::strided, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::BatchNormGradInput { epsilon } = call.op else { unreachable!("dispatched by op") };
    let shape = &call.operands[0].shape;
    let width = lane_width(shape.channels());
    let strided = strided(shape, width);
    let constants = lane_constants(width);
    let shader = call.shader(constants, &[shader!("batch_norm_grad_input")]);
    let inverse_rows = (1.0 / shape.rows() as f64) as f32;
    let [lanes, channel_lanes, stride] = strided.params;
    let params = [lanes, channel_lanes, stride, epsilon.to_bits(), inverse_rows.to_bits()];
    let mut places: Vec<_> = (0..7).map(|operand| (Place::Operand(operand), Read)).collect();
    places.push((Place::Result(0), Write));
    let launch = linear(shader, &places, bytemuck::cast_slice(&params), stride as usize);
    vec![Launch { iterations: strided.iterations, ..launch }]
}
