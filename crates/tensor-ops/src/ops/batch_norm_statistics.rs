//! Mean and biased variance of each channel.

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let shape = &call.operands[0].shape;
    let (rows, channels) = (shape.rows(), shape.channels());
    let splits = row_splits(rows);
    let width = lane_width(channels);
    let params = [(channels / width) as u32, rows as u32, splits as u32, 0];
    let params = bytemuck::cast_slice(&params);
    let constants = lane_constants(width);
    let mut shader = call.shader(constants, &[shader!("batch_norm_statistics")]);
    shader.entry_point = "partial";
    let scratch = Place::Scratch(0);
    let partial = Launch {
        scratch: vec![2 * splits * channels],
        iterations: 2 * rows.div_ceil(splits) as u64,
        ..linear(
            shader.clone(),
            &[(Place::Operand(0), Read), (scratch, Write)],
            params,
            splits * channels / width,
        )
    };
    shader.entry_point = "combine";
    let places = [(scratch, Read), (Place::Result(0), Write), (Place::Result(1), Write)];
    let combine =
        Launch { iterations: splits as u64, ..linear(shader, &places, params, channels / width) };
    vec![partial, combine]
}

/// How many parts the rows of a channel are taken in: a function of their number alone, so that
/// every adapter adds in the same order.
pub(super) fn row_splits(rows: usize) -> usize {
    if rows <= 64 { 1 } else { rows.isqrt() }
}
