//! The sum over neighbouring axes.

use ganvas_tests::{Family, OpCase, Suite, shapes::MANY};
use graph::Op;
use std::ops::Range;

pub(crate) fn cases() -> Vec<OpCase> {
    let shapes: [(&[usize], Range<usize>); 19] = [
        (&[1], 0..1),
        (&[3], 0..1),
        (&[64], 0..1),
        (&[127], 0..1),
        (&[128], 0..1),
        (&[129], 0..1),
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
        (&[3, 300, 4], 1..2),
        (&[3, 301, 3], 1..2),
        (&[65, 1, 1001], 2..3),
    ];
    shapes.iter().map(|(dims, axes)| OpCase::new(Op::Sum { axes: axes.clone() }, &[dims])).collect()
}

#[test]
fn every_family_agrees() {
    Suite::new("sum").check_all(&cases(), Family::all());
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    let case = OpCase::new(Op::Sum { axes: 0..1 }, &[&[3, MANY]]);
    Suite::new("sum, large").check(&case, Family::Integers);
}
