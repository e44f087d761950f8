//! The weights from both images: ∂T/∂w of the window.

use ganvas_tests::{
    Family, OpCase, Suite,
    windows::{
        WindowCase, dcgan28_layers, dcgan64_layers, geometries, random_geometry, tile_edges,
    },
};
use graph::Op;
use proptest::prelude::*;

fn case(geometry: WindowCase) -> OpCase {
    OpCase::new(Op::Conv2dGradWeight { window: geometry.window }, &[&geometry.x(), &geometry.y()])
}

pub(crate) fn cases() -> Vec<OpCase> {
    geometries().into_iter().chain(tile_edges()).map(case).collect()
}

#[test]
fn integers_are_exact() {
    Suite::new("conv2d_grad_weight").check_all(&cases(), Family::EXACT);
}

#[test]
fn every_family_agrees() {
    let cases: Vec<OpCase> = geometries().into_iter().map(case).collect();
    Suite::new("conv2d_grad_weight").check_all(&cases, Family::ROUNDED);
}

#[test]
fn layers_of_small_batches_agree() {
    let layers = [dcgan28_layers(3, 1), dcgan28_layers(3, 4), dcgan64_layers(2)].concat();
    let cases: Vec<OpCase> = layers.into_iter().map(case).collect();
    Suite::new("conv2d_grad_weight, layers")
        .check_all(&cases, [Family::Integers, Family::TrainingLike]);
}

#[test]
fn layers_of_whole_batches_are_exact() {
    let layers = [dcgan28_layers(64, 1), dcgan28_layers(64, 4)].concat();
    let cases: Vec<OpCase> = layers.into_iter().map(case).collect();
    Suite::new("conv2d_grad_weight, whole batches").check_all(&cases, [Family::Integers]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_geometries_agree(geometry in random_geometry()) {
        let mut suite = Suite::new("conv2d_grad_weight, random");
        suite.check(&case(geometry), Family::Integers);
        suite.check(&case(geometry), Family::Normal);
    }
}
