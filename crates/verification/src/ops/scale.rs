//! y = factor · x + offset.

use super::FEW;
use crate::{
    Family, Gradient, Level, Proof, Reference,
    shapes::{many, odd_and_quads, pointwise},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let ops = [(0.3, 0.0), (-2.0, 1.0), (1e-3, -0.7), (0.0, 4.0)]
        .map(|(factor, offset)| Op::Scale { factor, offset });
    let few = ops[..3].iter().flat_map(|op| odd_and_quads(op, 1));
    let shapes = ops.iter().flat_map(|op| pointwise(op, 1));
    Proof::new("scale", Reference::PyTorch, Gradient::Twice)
        .group("small", Level::Quick, few, FEW)
        .group("shapes", Level::Full, shapes, Family::all())
        .group("many-workgroups", Level::Full, [many(&ops[1], 1)], [Family::Normal])
}
