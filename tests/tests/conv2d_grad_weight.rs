//! The weights from both images: ∂T/∂w of the window.

use ganvas_tests::{check_case, prove, random_geometry};
use proptest::prelude::*;
use verification::{Family, Level};

#[test]
fn quick_groups_agree() {
    prove("conv2d_grad_weight", ..=Level::Quick);
}

#[test]
fn full_groups_agree() {
    prove("conv2d_grad_weight", Level::Full..=Level::Full);
}

#[test]
fn whole_batches_agree() {
    prove("conv2d_grad_weight", Level::Suite..);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_geometries_agree(geometry in random_geometry()) {
        check_case("conv2d_grad_weight, random", geometry.conv2d_grad_weight(), &[Family::Integers, Family::Normal]);
    }
}
