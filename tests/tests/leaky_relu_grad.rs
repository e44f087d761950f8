//! dx = grad where y > 0, slope · grad elsewhere.

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("leaky_relu_grad", ..);
}
