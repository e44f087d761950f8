//! max(x, 0) - x · target + log(1 + exp(-|x|)).

use super::FEW;
use crate::{
    Family, Gradient, Law, Level, Proof, Reference,
    shapes::{many, odd_and_quads, points, pointwise, sweep},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let ops = [0.0, 0.9, 1.0].map(|target| Op::BceWithLogits { target });
    let few = ops.iter().flat_map(|op| odd_and_quads(op, 1));
    let shapes = ops.iter().flat_map(|op| pointwise(op, 1));
    let spread = ops.iter().map(|op| points(op, 1));
    let sweeps = ops.iter().map(|op| sweep(op, 1));
    Proof::new("bce_with_logits", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::BatchesApart, Law::SoftplusIsOdd])
        .group("small", Level::Quick, few, FEW)
        .group("shapes", Level::Full, shapes, Family::all())
        .group("points", Level::Quick, spread, [Family::Sweep])
        .group("sweep", Level::Full, sweeps, [Family::Sweep])
        .group("many-workgroups", Level::Full, [many(&ops[1], 1)], [Family::Normal])
}
