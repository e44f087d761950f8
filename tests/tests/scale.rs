//! y = factor · x + offset.

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("scale", ..);
}
