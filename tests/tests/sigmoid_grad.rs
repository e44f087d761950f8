//! dx = grad · y · (1 - y).

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("sigmoid_grad", ..);
}
