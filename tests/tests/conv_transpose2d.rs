//! The large image from the small one: ∂T/∂x of the window.

use ganvas_tests::{
    Family, OpCase, Suite,
    windows::{
        WindowCase, dcgan28_layers, dcgan64_layers, geometries, many_pixels, random_geometry,
        tile_edges,
    },
};
use graph::Op;
use proptest::prelude::*;

fn case(geometry: WindowCase) -> OpCase {
    let output_padding = geometry.output_padding();
    let op = Op::ConvTranspose2d { window: geometry.window, output_padding };
    OpCase::new(op, &[&geometry.y(), &geometry.w()])
}

pub(crate) fn cases() -> Vec<OpCase> {
    geometries().into_iter().chain(tile_edges()).map(case).collect()
}

#[test]
fn integers_are_exact() {
    Suite::new("conv_transpose2d").check_all(&cases(), Family::EXACT);
}

#[test]
fn every_family_agrees() {
    let cases: Vec<OpCase> = geometries().into_iter().map(case).collect();
    Suite::new("conv_transpose2d").check_all(&cases, Family::ROUNDED);
}

#[test]
fn an_epilogue_agrees_with_the_chain() {
    for (bias, slope) in [(true, None), (false, Some(0.25)), (true, Some(0.25))] {
        let cases: Vec<OpCase> = geometries()
            .into_iter()
            .map(|geometry| case(geometry).followed_by(bias, slope))
            .collect();
        Suite::new("conv_transpose2d, epilogue")
            .check_all(&cases, [Family::Integers, Family::Normal]);
    }
}

#[test]
fn layers_of_small_batches_agree() {
    let layers = [dcgan28_layers(3, 1), dcgan28_layers(3, 4), dcgan64_layers(2)].concat();
    let cases: Vec<OpCase> = layers.into_iter().map(case).collect();
    Suite::new("conv_transpose2d, layers")
        .check_all(&cases, [Family::Integers, Family::TrainingLike]);
}

#[test]
fn layers_of_whole_batches_are_exact() {
    let layers = [dcgan28_layers(64, 1), dcgan28_layers(64, 4)].concat();
    let cases: Vec<OpCase> = layers.into_iter().map(case).collect();
    Suite::new("conv_transpose2d, whole batches").check_all(&cases, [Family::Integers]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_geometries_agree(geometry in random_geometry()) {
        let mut suite = Suite::new("conv_transpose2d, random");
        suite.check(&case(geometry), Family::Integers);
        suite.check(&case(geometry), Family::Normal);
    }
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    for geometry in many_pixels() {
        Suite::new("conv_transpose2d, large").check(&case(geometry), Family::Integers);
    }
}
