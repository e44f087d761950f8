//! y = x where x > 0, slope · x elsewhere.

use super::FEW;
use crate::{
    Family, Gradient, Law, Level, Proof, Reference,
    shapes::{many, odd_and_quads, pointwise},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let ops = [0.0, 0.3, 1.0, 0.2].map(|slope| Op::LeakyRelu { slope });
    let few = ops[..3].iter().flat_map(|op| odd_and_quads(op, 1));
    let shapes = ops.iter().flat_map(|op| pointwise(op, 1));
    Proof::new("leaky_relu", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::BatchesApart])
        .group("small", Level::Quick, few, FEW)
        .group("shapes", Level::Full, shapes, Family::all())
        .group("many-workgroups", Level::Full, [many(&ops[1], 1)], [Family::Normal])
}
