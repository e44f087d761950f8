//! destination += x.

use super::FEW;
use crate::{
    Family, Gradient, Level, Proof, Reference,
    shapes::{many, pointwise, small},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let gradient = Gradient::None("differentiation stops at storage, where it writes");
    Proof::new("accumulate", Reference::Definition("one addition"), gradient)
        .group("small", Level::Quick, small(&Op::Accumulate, 2), FEW)
        .group("shapes", Level::Full, pointwise(&Op::Accumulate, 2), Family::all())
        .group("many-workgroups", Level::Full, [many(&Op::Accumulate, 2)], [Family::Integers])
}
