//! y = 1 / x.

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    pointwise(&Op::Reciprocal, 1)
}

#[test]
fn every_family_agrees() {
    Suite::new("reciprocal")
        .on(|_, x| if x == 0.0 { 1.0 } else { x })
        .check_all(&cases(), Family::all());
}
