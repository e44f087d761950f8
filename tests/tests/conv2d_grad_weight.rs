//! The weights from both images: ∂T/∂w of the window.

use ganvas_tests::{
    Family, OpCase, Suite, accepts,
    windows::{
        WindowCase, dcgan28_layers, dcgan64_layers, geometries, many_taps, random_geometry,
        tile_edges,
    },
};
use graph::{Op, Window};
use proptest::prelude::*;
use tensor_ops::MAX_LOOP_ITERATIONS;

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

/// Tiles are dealt out by taps, of which there are as many as the large image has pixels.
#[test]
fn more_workgroups_than_one_dimension_holds() {
    for geometry in many_taps() {
        Suite::new("conv2d_grad_weight, large").check(&case(geometry), Family::Integers);
    }
}

/// As many places as plans accept: no driver cuts their sum.
#[test]
fn the_longest_sum_is_whole() {
    let window = Window::square(1, 1, 0);
    let of = |side: usize| case(WindowCase { n: 1, large: [side, side], i: 3, o: 5, window });
    let most = (MAX_LOOP_ITERATIONS as usize).isqrt();
    let longest = (1..=most).rev().map(of).find(accepts).unwrap();
    Suite::new("conv2d_grad_weight, longest").check(&longest, Family::Integers);
}
