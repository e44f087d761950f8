//! The running statistics move towards a batch's.

use super::FEW;
use crate::{
    Family, Gradient, Level, Proof, Reference,
    shapes::{many, odd_and_quads, pointwise},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let ops = [(0.1, 2), (0.1, 3136), (1.0, 65), (0.0, 9)]
        .map(|(momentum, count)| Op::BatchNormRunning { momentum, count });
    let few = ops[..3].iter().flat_map(|op| odd_and_quads(op, 4));
    let shapes = ops.iter().flat_map(|op| pointwise(op, 4));
    let gradient = Gradient::None("differentiation stops at storage, which it changes");
    Proof::new("batch_norm_running", Reference::PyTorch, gradient)
        .group("small", Level::Quick, few, FEW)
        .group("shapes", Level::Full, shapes, Family::all())
        .group("many-workgroups", Level::Full, [many(&ops[0], 4)], [Family::Normal])
}
