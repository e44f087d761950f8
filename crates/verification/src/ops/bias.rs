//! Adds b to every row of x.

use super::FEW;
use crate::{Family, Gradient, Law, Level, OpCase, Proof, Reference, shapes::MANY_ROWS};
use graph::Op;

pub(super) fn proof() -> Proof {
    let small: [&[usize]; 5] = [&[1, 1], &[3, 5], &[3, 64], &[65], &[2, 7, 3, 4]];
    let shapes: [&[usize]; 8] = [
        &[1, 4],
        &[5, 4],
        &[64, 1],
        &[7, 64],
        &[17, 3, 2, 5],
        &[3, 5, 7, 3],
        &[2, 4, 3, 64],
        &[64, 5, 3, 3],
    ];
    Proof::new("bias", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::BatchesApart])
        .group("small", Level::Quick, small.map(case), FEW)
        .group("shapes", Level::Full, shapes.map(case), Family::all())
        .group("many-workgroups", Level::Full, [case(&[MANY_ROWS, 3])], [Family::Normal])
}

fn case(dims: &[usize]) -> OpCase {
    OpCase::new(Op::Bias, &[dims, &dims[dims.len() - 1..]])
}
