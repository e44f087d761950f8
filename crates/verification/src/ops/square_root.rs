//! y = √x.

use super::FEW;
use crate::{
    Family, Gradient, Level, Operands, Proof, Reference,
    shapes::{many, points, pointwise, small, sweep},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    Proof::new("square_root", Reference::PyTorch, Gradient::Twice)
        .group("small", Level::Quick, small(&Op::SquareRoot, 1), FEW)
        .group("shapes", Level::Full, pointwise(&Op::SquareRoot, 1), Family::all())
        .group("points", Level::Quick, [points(&Op::SquareRoot, 1)], [Family::Sweep])
        .group("sweep", Level::Full, [sweep(&Op::SquareRoot, 1)], [Family::Sweep])
        .group("many-workgroups", Level::Full, [many(&Op::SquareRoot, 1)], [Family::Normal])
        .on(Operands::Mapped(|_, x| x.abs()))
}
