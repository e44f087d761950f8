//! dx = grad · (1 - y²).

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    pointwise(&Op::TanhGrad, 2)
}

#[test]
fn every_family_agrees() {
    Suite::new("tanh_grad").check_all(&cases(), Family::all());
}
