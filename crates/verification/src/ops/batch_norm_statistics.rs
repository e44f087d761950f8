//! Mean and biased variance of each channel.

use super::batch_norm::FEW;
use crate::{
    Family, Gradient, Level, OpCase, Proof, Reference,
    shapes::{MANY, MANY_ROWS, ROWS, SMALL_ROWS},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let layers: [&[usize]; 3] = [&[64, 14, 14, 64], &[64, 7, 7, 128], &[64, 12_544]];
    let hard = [Family::Normal, Family::Shifted];
    Proof::new("batch_norm_statistics", Reference::PyTorch, Gradient::Twice)
        .group("small", Level::Quick, SMALL_ROWS.map(case), FEW)
        .group("shapes", Level::Full, ROWS.map(case), Family::all())
        .group("many-workgroups", Level::Full, [case(&[2, MANY])], [Family::Normal])
        .group("longest-sum", Level::Full, [case(&[MANY_ROWS, 3])], hard)
        .group("whole-batches", Level::Suite, layers.map(case), hard)
}

fn case(dims: &[usize]) -> OpCase {
    OpCase::new(Op::BatchNormStatistics, &[dims])
}
