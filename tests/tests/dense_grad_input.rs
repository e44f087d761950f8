//! grad·wᵀ.

use ganvas_tests::prove;
use verification::Level;

#[test]
fn quick_groups_agree() {
    prove("dense_grad_input", ..=Level::Quick);
}

#[test]
fn full_groups_agree() {
    prove("dense_grad_input", Level::Full..=Level::Full);
}

#[test]
fn whole_batches_agree() {
    prove("dense_grad_input", Level::Suite..);
}
