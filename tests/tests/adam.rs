//! One step of Adam.

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("adam", ..);
}
