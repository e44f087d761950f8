//! Every element is one value.

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("fill", ..);
}
