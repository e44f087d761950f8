//! Every element is one value.

use crate::{Family, Gradient, Level, OpCase, Proof, Reference, shapes::MANY};
use graph::{Op, Shape};

pub(super) fn proof() -> Proof {
    let reference = Reference::Definition("every element is the value");
    let case = |(value, elements)| OpCase::source(Op::Fill { value }, &Shape::new(&[elements]));
    let shapes = [(0.0, 1), (1.5, 2), (-3.25, 3), (1e-3, 4), (0.1, 65), (7.0, 260)];
    Proof::new("fill", reference, Gradient::None("it has no operands"))
        .group("small", Level::Quick, shapes.map(case), [Family::Integers])
        .group("many-workgroups", Level::Full, [case((0.5, MANY))], [Family::Integers])
}
