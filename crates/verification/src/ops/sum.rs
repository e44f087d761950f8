//! The sum over neighbouring axes.

use super::FEW;
use crate::{Family, Gradient, Law, Level, OpCase, Proof, Reference, shapes::MANY};
use graph::Op;
use std::ops::Range;

pub(super) fn proof() -> Proof {
    // Sums of more than 128 terms take two folds.
    let small: [(&[usize], Range<usize>); 8] = [
        (&[3], 0..1),
        (&[129], 0..1),
        (&[3, 7, 9], 0..1),
        (&[3, 7, 9], 1..2),
        (&[3, 7, 9], 2..3),
        (&[3, 7, 9], 0..3),
        (&[3, 5, 8], 0..2),
        (&[3, 300, 4], 1..2),
    ];
    let shapes: [(&[usize], Range<usize>); 19] = [
        (&[1], 0..1),
        (&[64], 0..1),
        (&[127], 0..1),
        (&[128], 0..1),
        (&[131], 0..1),
        (&[100_003], 0..1),
        (&[65_536], 0..1),
        (&[5, 7, 9], 0..1),
        (&[5, 7, 9], 1..2),
        (&[5, 7, 9], 2..3),
        (&[5, 7, 9], 0..2),
        (&[5, 7, 9], 1..3),
        (&[5, 7, 9], 0..3),
        (&[64, 7, 7, 5], 0..3),
        (&[17, 6, 9, 64], 0..3),
        (&[3, 301, 3], 1..2),
        (&[65, 1, 1001], 2..3),
        (&[2, 3, 5, 7], 1..3),
        (&[64, 3, 4, 1], 0..3),
    ];
    Proof::new("sum", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::Adjoint, Law::Linear])
        .group("small", Level::Quick, small.map(case), FEW)
        .group("shapes", Level::Full, shapes.map(case), Family::all())
        .group("many-workgroups", Level::Full, [case((&[3, MANY], 0..1))], [Family::Integers])
        .group("longest-sum", Level::Full, [case((&[MANY], 0..1))], FEW)
}

fn case((dims, axes): (&[usize], Range<usize>)) -> OpCase {
    OpCase::new(Op::Sum { axes }, &[dims])
}
