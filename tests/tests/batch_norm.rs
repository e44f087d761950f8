//! γ·(x - mean)/√(variance + epsilon) + β, with and without a LeakyReLU behind it.

use ganvas_tests::prove;

#[test]
fn every_group_agrees() {
    prove("batch_norm", ..);
}
