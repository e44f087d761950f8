//! Σ grad·x̂ and Σ grad over each channel.

use super::{
    Call,
    batch_norm_statistics::row_splits,
    lane_width,
    sum::{Middle, fold_all},
};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::BatchNormGradGammaBeta { epsilon } = call.op else { unreachable!("dispatched by op") };
    let shape = &call.operands[0].shape;
    let (rows, channels) = (shape.rows(), shape.channels());
    let splits = row_splits(rows);
    let width = lane_width(channels);
    let constants = lane_constants(width);
    let shader = call.shader(constants, &[shader!("batch_norm_grad_gamma_beta")]);
    let params = [(channels / width) as u32, rows as u32, splits as u32, epsilon.to_bits()];
    let sums = match splits {
        1 => [Place::Result(0), Place::Result(1)],
        _ => [Place::Scratch(0), Place::Scratch(1)],
    };
    let mut places: Vec<_> = (0..4).map(|operand| (Place::Operand(operand), Read)).collect();
    places.extend(sums.map(|place| (place, Write)));
    let partial = Launch {
        scratch: if splits == 1 { Vec::new() } else { vec![splits * channels; 2] },
        iterations: rows.div_ceil(splits) as u64,
        ..linear(shader, &places, bytemuck::cast_slice(&params), splits * channels / width)
    };
    let mut launches = vec![partial];
    if splits > 1 {
        let middle = Middle { outer: 1, reduced: splits, inner: channels };
        for (result, from) in sums.into_iter().enumerate() {
            launches.extend(fold_all(call, middle, from, Place::Result(result), 2));
        }
    }
    launches
}
