//! destination += x.

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    pointwise(&Op::Accumulate, 2)
}

#[test]
fn every_family_agrees() {
    Suite::new("accumulate").check_all(&cases(), Family::all());
}
