//! z = x + y.

use super::FEW;
use crate::{
    Family, Gradient, Law, Level, Proof, Reference,
    shapes::{many, pointwise, small},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    Proof::new("add", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::Linear])
        .group("small", Level::Quick, small(&Op::Add, 2), FEW)
        .group("shapes", Level::Full, pointwise(&Op::Add, 2), Family::all())
        .group("many-workgroups", Level::Full, [many(&Op::Add, 2)], [Family::Normal])
}
