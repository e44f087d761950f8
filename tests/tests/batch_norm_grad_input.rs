//! γ/√(variance + epsilon) · (grad - grad_beta/R - x̂·grad_gamma/R).

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("batch_norm_grad_input", ..);
}
