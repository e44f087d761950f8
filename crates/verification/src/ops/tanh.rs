//! The hyperbolic tangent.

use super::FEW;
use crate::{
    Family, Gradient, Law, Level, Proof, Reference,
    shapes::{many, points, pointwise, small, sweep},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    Proof::new("tanh", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::BatchesApart, Law::TanhReachesItsEnds])
        .group("small", Level::Quick, small(&Op::Tanh, 1), FEW)
        .group("shapes", Level::Full, pointwise(&Op::Tanh, 1), Family::all())
        .group("points", Level::Quick, [points(&Op::Tanh, 1)], [Family::Sweep])
        .group("sweep", Level::Full, [sweep(&Op::Tanh, 1)], [Family::Sweep])
        .group("many-workgroups", Level::Full, [many(&Op::Tanh, 1)], [Family::Normal])
}
