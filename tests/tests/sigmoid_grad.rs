//! dx = grad · y · (1 - y).

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    pointwise(&Op::SigmoidGrad, 2)
}

#[test]
fn every_family_agrees() {
    Suite::new("sigmoid_grad").check_all(&cases(), Family::all());
}
