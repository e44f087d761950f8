//! Σ grad·x̂ and Σ grad over each channel.

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("batch_norm_grad_gamma_beta", ..);
}
