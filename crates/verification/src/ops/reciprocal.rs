//! y = 1 / x.

use super::FEW;
use crate::{
    Family, Gradient, Level, Operands, Proof, Reference,
    shapes::{many, points, pointwise, small, sweep},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    Proof::new("reciprocal", Reference::PyTorch, Gradient::Twice)
        .group("small", Level::Quick, small(&Op::Reciprocal, 1), FEW)
        .group("shapes", Level::Full, pointwise(&Op::Reciprocal, 1), Family::all())
        .group("points", Level::Quick, [points(&Op::Reciprocal, 1)], [Family::Sweep])
        .group("sweep", Level::Full, [sweep(&Op::Reciprocal, 1)], [Family::Sweep])
        .group("many-workgroups", Level::Full, [many(&Op::Reciprocal, 1)], [Family::Normal])
        .on(Operands::Mapped(|_, x| if x == 0.0 { 1.0 } else { x }))
}
