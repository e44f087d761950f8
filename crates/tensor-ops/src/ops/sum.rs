//! y[o, i] = Σ over r of x[o, r, i], in one or two folds.

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{lane_constants, shader},
};
use graph::Op;

/// A sum over the middle one of three axes.
#[derive(Clone, Copy)]
pub(super) struct Middle {
    pub(super) outer: usize,
    pub(super) reduced: usize,
    pub(super) inner: usize,
}

/// The longest sum that one fold does; longer ones take two of about equal length.
const ONE_FOLD: usize = 128;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::Sum { axes } = call.op else { unreachable!("dispatched by op") };
    let dims = call.operands[0].shape.dims();
    let middle = Middle {
        outer: dims[..axes.start].iter().product(),
        reduced: dims[axes.clone()].iter().product(),
        inner: dims[axes.end..].iter().product(),
    };
    fold_all(call, middle, Place::Operand(0), Place::Result(0), 0)
}

/// The folds of a sum from one place to another, through scratch memory of this number where it
/// takes two.
pub(super) fn fold_all(
    call: &Call<'_>,
    middle: Middle,
    from: Place,
    to: Place,
    scratch: usize,
) -> Vec<Launch> {
    let Middle { outer, reduced, inner } = middle;
    if reduced <= ONE_FOLD {
        return vec![fold(call, middle, 1, from, to)];
    }
    // A multiple of four keeps lanes of four when the inner extent is odd.
    let partial = reduced.isqrt().next_multiple_of(4);
    let mut first = fold(call, middle, partial, from, Place::Scratch(scratch));
    first.scratch = vec![0; scratch + 1];
    first.scratch[scratch] = outer * partial * inner;
    let rest = Middle { reduced: partial, ..middle };
    vec![first, fold(call, rest, 1, Place::Scratch(scratch), to)]
}

/// One fold of [outer, reduced, inner] to [outer, partial, inner].
fn fold(call: &Call<'_>, middle: Middle, partial: usize, from: Place, to: Place) -> Launch {
    let Middle { outer, reduced, inner } = middle;
    let lane = lane_width(partial * inner).min(lane_width(reduced * inner));
    let lanes = outer * partial * inner / lane;
    let params =
        [lanes as u32, (partial * inner / lane) as u32, (reduced * inner / lane) as u32, 0];
    let shader = call.shader(lane_constants(lane), &[shader!("sum")]);
    let places = [(from, Read), (to, Write)];
    Launch {
        iterations: reduced.div_ceil(partial) as u64,
        ..linear(shader, &places, bytemuck::cast_slice(&params), lanes)
    }
}
