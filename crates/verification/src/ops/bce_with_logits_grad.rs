//! dx = grad · (sigmoid(x) - target).

use super::FEW;
use crate::{
    Family, Gradient, Level, Proof, Reference,
    shapes::{many, odd_and_quads, points, pointwise, sweep},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let ops = [0.0, 0.9, 1.0].map(|target| Op::BceWithLogitsGrad { target });
    let few = ops.iter().flat_map(|op| odd_and_quads(op, 2));
    let shapes = ops.iter().flat_map(|op| pointwise(op, 2));
    let spread = ops.iter().map(|op| points(op, 2));
    let sweeps = ops.iter().map(|op| sweep(op, 2));
    Proof::new("bce_with_logits_grad", Reference::PyTorch, Gradient::Once)
        .group("small", Level::Quick, few, FEW)
        .group("shapes", Level::Full, shapes, Family::all())
        .group("points", Level::Quick, spread, [Family::Sweep])
        .group("sweep", Level::Full, sweeps, [Family::Sweep])
        .group("many-workgroups", Level::Full, [many(&ops[1], 2)], [Family::Normal])
}
