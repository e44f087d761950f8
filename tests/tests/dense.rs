//! y = x·w, with and without an epilogue.

use ganvas_tests::prove;
use verification::Level;

#[test]
fn quick_groups_agree() {
    prove("dense", ..=Level::Quick);
}

#[test]
fn full_groups_agree() {
    prove("dense", Level::Full..=Level::Full);
}

#[test]
fn whole_batches_agree() {
    prove("dense", Level::Suite..);
}
