//! The small image from the large one: ∂T/∂y of the window.

use ganvas_tests::{
    Family, OpCase, Suite, accepts,
    windows::{
        WindowCase, dcgan28_layers, dcgan64_layers, geometries, many_pixels, random_geometry,
        tile_edges,
    },
};
use graph::{Op, Window};
use proptest::prelude::*;
use tensor_ops::MAX_LOOP_ITERATIONS;

fn case(geometry: WindowCase) -> OpCase {
    OpCase::new(Op::Conv2d { window: geometry.window }, &[&geometry.x(), &geometry.w()])
}

pub(crate) fn cases() -> Vec<OpCase> {
    geometries().into_iter().chain(tile_edges()).map(case).collect()
}

#[test]
fn integers_are_exact() {
    Suite::new("conv2d").check_all(&cases(), Family::EXACT);
}

#[test]
fn every_family_agrees() {
    let cases: Vec<OpCase> = geometries().into_iter().map(case).collect();
    Suite::new("conv2d").check_all(&cases, Family::ROUNDED);
}

#[test]
fn an_epilogue_agrees_with_the_chain() {
    for (bias, slope) in [(true, None), (false, Some(0.25)), (true, Some(0.25))] {
        let cases: Vec<OpCase> = geometries()
            .into_iter()
            .map(|geometry| case(geometry).followed_by(bias, slope))
            .collect();
        Suite::new("conv2d, epilogue").check_all(&cases, [Family::Integers, Family::Normal]);
    }
}

#[test]
fn layers_of_small_batches_agree() {
    let layers = [dcgan28_layers(3, 1), dcgan28_layers(3, 4), dcgan64_layers(2)].concat();
    let cases: Vec<OpCase> = layers.into_iter().map(case).collect();
    Suite::new("conv2d, layers").check_all(&cases, [Family::Integers, Family::TrainingLike]);
}

#[test]
fn layers_of_whole_batches_are_exact() {
    let layers = [dcgan28_layers(64, 1), dcgan28_layers(64, 4)].concat();
    let cases: Vec<OpCase> = layers.into_iter().map(case).collect();
    Suite::new("conv2d, whole batches").check_all(&cases, [Family::Integers]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_geometries_agree(geometry in random_geometry()) {
        let mut suite = Suite::new("conv2d, random");
        suite.check(&case(geometry), Family::Integers);
        suite.check(&case(geometry), Family::Normal);
    }
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    for geometry in many_pixels() {
        Suite::new("conv2d, large").check(&case(geometry), Family::Integers);
    }
}

/// As long a sum over 49 taps as plans accept: no driver cuts it.
#[test]
fn the_longest_sum_is_whole() {
    let window = Window::square(7, 1, 0);
    let of = |i: usize| case(WindowCase { n: 1, large: [8, 7], i, o: 3, window });
    // Odd, as a multiple of four takes a quarter of the iterations.
    let most = MAX_LOOP_ITERATIONS as usize / 49 / 2 * 2 + 1;
    let longest = (1..=most).rev().step_by(2).map(of).find(accepts).unwrap();
    Suite::new("conv2d, longest").check(&longest, Family::Integers);
}
