//! dx = grad where y > 0, slope · grad elsewhere.

use super::FEW;
use crate::{
    Family, Gradient, Law, Level, Proof, Reference,
    shapes::{many, odd_and_quads, pointwise},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let ops = [0.0, 0.2, 1.0].map(|slope| Op::LeakyReluGrad { slope });
    let few = ops.iter().flat_map(|op| odd_and_quads(op, 2));
    let shapes = ops.iter().flat_map(|op| pointwise(op, 2));
    Proof::new("leaky_relu_grad", Reference::PyTorch, Gradient::Once)
        .laws(&[Law::Linear])
        .group("small", Level::Quick, few, FEW)
        .group("shapes", Level::Full, shapes, Family::all())
        .group("many-workgroups", Level::Full, [many(&ops[1], 2)], [Family::Normal])
}
