//! destination = x.

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    pointwise(&Op::Copy, 2)
}

#[test]
fn every_family_agrees() {
    Suite::new("copy").check_all(&cases(), Family::all());
}
