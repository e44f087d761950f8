//! The large image from the small one: ∂T/∂x of the window.

use ganvas_tests::{check_case, prove, random_geometry};
use proptest::prelude::*;
use verification::{Family, Level};

#[test]
fn quick_groups_agree() {
    prove("conv_transpose2d", ..=Level::Quick);
}

#[test]
fn full_groups_agree() {
    prove("conv_transpose2d", Level::Full..=Level::Full);
}

#[test]
fn whole_batches_agree() {
    prove("conv_transpose2d", Level::Suite..);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_geometries_agree(geometry in random_geometry()) {
        check_case("conv_transpose2d, random", geometry.conv_transpose2d(), &[Family::Integers, Family::Normal]);
    }
}
