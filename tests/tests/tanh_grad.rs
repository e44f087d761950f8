//! dx = grad · (1 - y²).

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("tanh_grad", ..);
}
