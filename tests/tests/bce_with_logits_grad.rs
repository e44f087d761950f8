//! dx = grad · (sigmoid(x) - target).

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("bce_with_logits_grad", ..);
}
