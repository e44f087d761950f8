//! y = 1 / (1 + exp(-x)).

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("sigmoid", ..);
}
