//! dx = grad · (sigmoid(x) - target).

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    let targets = [0.0, 0.9, 1.0];
    targets.iter().flat_map(|&target| pointwise(&Op::BceWithLogitsGrad { target }, 2)).collect()
}

#[test]
fn every_family_agrees() {
    Suite::new("bce_with_logits_grad").check_all(&cases(), Family::all());
}
