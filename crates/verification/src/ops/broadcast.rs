//! Repeats x along neighbouring axes.

use super::FEW;
use crate::{Family, Gradient, Law, Level, OpCase, Proof, Reference, shapes::MANY_ROWS};
use graph::Op;

pub(super) fn proof() -> Proof {
    let small = vec![
        case(&[1], 0, &[65]),
        case(&[1, 1, 1], 0, &[3, 5, 7]),
        case(&[1, 7, 9], 0, &[3]),
        case(&[3, 1, 8], 1, &[7]),
        case(&[3, 7, 1], 2, &[9]),
        case(&[3, 1, 1, 4], 1, &[2, 5]),
    ];
    let shapes = vec![
        case(&[1], 0, &[1]),
        case(&[5, 1, 9], 1, &[7]),
        case(&[5, 7, 1], 2, &[9]),
        case(&[1, 1, 9], 0, &[5, 7]),
        case(&[5, 1, 1], 1, &[7, 9]),
        case(&[1, 1, 1, 64], 0, &[3, 5, 7]),
        case(&[17, 1, 1, 4], 1, &[2, 3]),
        case(&[64, 1, 1, 5], 1, &[7, 6]),
    ];
    let many = case(&[1, 3], 0, &[MANY_ROWS]);
    Proof::new("broadcast", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::Adjoint, Law::Linear])
        .group("small", Level::Quick, small, FEW)
        .group("shapes", Level::Full, shapes, Family::all())
        .group("many-workgroups", Level::Full, [many], [Family::Normal])
}

fn case(dims: &[usize], first: usize, sizes: &[usize]) -> OpCase {
    let axes = first..first + sizes.len();
    OpCase::new(Op::Broadcast { axes, sizes: sizes.to_vec() }, &[dims])
}
