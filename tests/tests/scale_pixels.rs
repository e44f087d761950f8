//! 8-bit pixels through a table.

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("scale_pixels", ..);
}
