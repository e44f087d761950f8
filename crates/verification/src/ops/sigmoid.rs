//! y = 1 / (1 + exp(-x)).

use super::FEW;
use crate::{
    Family, Gradient, Law, Level, Proof, Reference,
    shapes::{many, points, pointwise, small, sweep},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    Proof::new("sigmoid", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::BatchesApart])
        .group("small", Level::Quick, small(&Op::Sigmoid, 1), FEW)
        .group("shapes", Level::Full, pointwise(&Op::Sigmoid, 1), Family::all())
        .group("points", Level::Quick, [points(&Op::Sigmoid, 1)], [Family::Sweep])
        .group("sweep", Level::Full, [sweep(&Op::Sigmoid, 1)], [Family::Sweep])
        .group("many-workgroups", Level::Full, [many(&Op::Sigmoid, 1)], [Family::Normal])
}
