//! z = x · y.

use super::FEW;
use crate::{
    Family, Gradient, Law, Level, Proof, Reference,
    shapes::{many, pointwise, small},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    Proof::new("multiply", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::Linear])
        .group("small", Level::Quick, small(&Op::Multiply, 2), FEW)
        .group("shapes", Level::Full, pointwise(&Op::Multiply, 2), Family::all())
        .group("many-workgroups", Level::Full, [many(&Op::Multiply, 2)], [Family::Normal])
}
