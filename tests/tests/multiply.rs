//! z = x · y.

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    pointwise(&Op::Multiply, 2)
}

#[test]
fn every_family_agrees() {
    Suite::new("multiply").check_all(&cases(), Family::all());
}
