//! z = x · y.

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("multiply", ..);
}
