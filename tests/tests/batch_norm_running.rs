//! The running statistics move towards a batch's.

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("batch_norm_running", ..);
}
