//! average += rate · (value - average).

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("ema", ..);
}
