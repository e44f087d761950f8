//! dx = grad where y > 0, slope · grad elsewhere.

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    let slopes = [0.0, 0.2, 1.0];
    slopes.iter().flat_map(|&slope| pointwise(&Op::LeakyReluGrad { slope }, 2)).collect()
}

#[test]
fn every_family_agrees() {
    Suite::new("leaky_relu_grad").check_all(&cases(), Family::all());
}
