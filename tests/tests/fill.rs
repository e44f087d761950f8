//! Every element is one value.

use ganvas_tests::{Family, OpCase, Suite, shapes::MANY};
use graph::{Op, Shape};

pub(crate) fn cases() -> Vec<OpCase> {
    let mut cases = Vec::new();
    for (value, elements) in [(0.0, 1), (1.5, 2), (-3.25, 3), (1e-3, 4), (0.1, 65), (7.0, 260)] {
        cases.push(OpCase::source(Op::Fill { value }, &Shape::new(&[elements])));
    }
    cases
}

#[test]
fn every_element_is_the_value() {
    Suite::new("fill").check_all(&cases(), [Family::Integers]);
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    let case = OpCase::source(Op::Fill { value: 0.5 }, &Shape::new(&[MANY]));
    Suite::new("fill, large").check(&case, Family::Integers);
}
