//! Mean and biased variance of each channel.

use ganvas_tests::prove;
use verification::Level;

#[test]
fn quick_groups_agree() {
    prove("batch_norm_statistics", ..=Level::Quick);
}

#[test]
fn full_groups_agree() {
    prove("batch_norm_statistics", Level::Full..=Level::Full);
}

#[test]
fn whole_batches_agree() {
    prove("batch_norm_statistics", Level::Suite..);
}
