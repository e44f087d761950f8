//! xᵀ·grad.

use ganvas_tests::prove;
use verification::Level;

#[test]
fn quick_groups_agree() {
    prove("dense_grad_weight", ..=Level::Quick);
}

#[test]
fn full_groups_agree() {
    prove("dense_grad_weight", Level::Full..=Level::Full);
}

#[test]
fn whole_batches_agree() {
    prove("dense_grad_weight", Level::Suite..);
}
