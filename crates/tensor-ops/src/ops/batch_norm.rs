//! Normalises, scales and shifts each channel, then LeakyReLU.

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};
use graph::{Op, Shape};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::BatchNorm { epsilon } = call.op else { unreachable!("dispatched by op") };
    let shape = &call.operands[0].shape;
    let width = lane_width(shape.channels());
    let strided = strided(shape, width);
    let shader = call.shader(lane_constants(width), &[shader!("batch_norm")]);
    let [lanes, channel_lanes, stride] = strided.params;
    let params = [lanes, channel_lanes, stride, epsilon.to_bits(), call.slope.to_bits()];
    let mut places: Vec<_> = (0..5).map(|operand| (Place::Operand(operand), Read)).collect();
    places.push((Place::Result(0), Write));
    let launch = linear(shader, &places, bytemuck::cast_slice(&params), stride as usize);
    vec![Launch { iterations: strided.iterations, ..launch }]
}

/// How the lanes of [rows, channels] are dealt to invocations: each has some of one channel, so that
/// it loads what belongs to the channel once.
pub(super) struct Strided {
    /// Lanes, lanes of a row, and the distance of an invocation's lanes.
    pub(super) params: [u32; 3],
    /// Lanes of an invocation.
    pub(super) iterations: u64,
}

pub(super) fn strided(shape: &Shape, width: usize) -> Strided {
    const LANES_AN_INVOCATION: usize = 8;
    let lanes = shape.elements() / width;
    let channel_lanes = shape.channels() / width;
    let stride = lanes.div_ceil(LANES_AN_INVOCATION).next_multiple_of(channel_lanes);
    Strided {
        params: [lanes, channel_lanes, stride].map(|value| value as u32),
        iterations: lanes.div_ceil(stride) as u64 + 1,
    }
}
