//! destination = x.

use super::FEW;
use crate::{
    Family, Gradient, Level, Proof, Reference,
    shapes::{many, pointwise, small},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let gradient = Gradient::None("differentiation stops at storage, where it writes");
    Proof::new("copy", Reference::Definition("the operand itself"), gradient)
        .group("small", Level::Quick, small(&Op::Copy, 2), FEW)
        .group("shapes", Level::Full, pointwise(&Op::Copy, 2), Family::all())
        .group("many-workgroups", Level::Full, [many(&Op::Copy, 2)], [Family::Integers])
}
