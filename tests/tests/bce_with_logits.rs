//! max(x, 0) - x · target + log(1 + exp(-|x|)).

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("bce_with_logits", ..);
}
