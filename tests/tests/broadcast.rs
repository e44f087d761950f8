//! Repeats x along neighbouring axes.

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("broadcast", ..);
}
