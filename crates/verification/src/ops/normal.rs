//! Standard normal draws.

use crate::{
    Family, Gradient, Law, Level, OpCase, Proof, Reference,
    shapes::{DRAWS, MANY_ROWS, SMALL_DRAWS},
};
use graph::{Op, Shape};

pub(super) fn proof() -> Proof {
    let case = |dims: &[usize]| OpCase::source(Op::Normal { stream: 2 }, &Shape::new(dims));
    let reference = Reference::Published("AS 241, PPND7 (Wichura 1988)");
    Proof::new("normal", reference, Gradient::None("it has no operands"))
        .laws(&[Law::BatchesApart])
        .group("small", Level::Quick, SMALL_DRAWS.map(case), [Family::Integers])
        .group("shapes", Level::Full, DRAWS.map(case), [Family::Integers])
        .group("tails", Level::Full, [case(&[100, 1000])], [Family::Integers])
        .group("many-workgroups", Level::Full, [case(&[MANY_ROWS, 3])], [Family::Integers])
}
