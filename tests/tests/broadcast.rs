//! Repeats x along neighbouring axes.

use ganvas_tests::{Family, OpCase, Suite, shapes::MANY_ROWS};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    let case = |dims: &[usize], first: usize, sizes: &[usize]| {
        let axes = first..first + sizes.len();
        OpCase::new(Op::Broadcast { axes, sizes: sizes.to_vec() }, &[dims])
    };
    vec![
        case(&[1], 0, &[1]),
        case(&[1], 0, &[65]),
        case(&[1, 1, 1], 0, &[3, 5, 7]),
        case(&[1, 7, 9], 0, &[5]),
        case(&[5, 1, 9], 1, &[7]),
        case(&[5, 7, 1], 2, &[9]),
        case(&[1, 1, 9], 0, &[5, 7]),
        case(&[5, 1, 1], 1, &[7, 9]),
        case(&[1, 1, 1, 64], 0, &[3, 5, 7]),
        case(&[17, 1, 1, 4], 1, &[2, 3]),
    ]
}

#[test]
fn every_family_agrees() {
    Suite::new("broadcast").check_all(&cases(), Family::all());
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    let op = Op::Broadcast { axes: 0..1, sizes: vec![MANY_ROWS] };
    Suite::new("broadcast, large").check(&OpCase::new(op, &[&[1, 3]]), Family::Integers);
}
