//! y = x·w, with and without an epilogue.

use ganvas_tests::{
    Family, OpCase, Suite,
    shapes::{dense_layers, products, tile_edges},
};
use graph::Op;

fn case([n, i, o]: [usize; 3]) -> OpCase {
    OpCase::new(Op::Dense, &[&[n, i], &[i, o]])
}

pub(crate) fn cases() -> Vec<OpCase> {
    products().into_iter().chain(tile_edges()).map(case).collect()
}

#[test]
fn integers_are_exact() {
    Suite::new("dense").check_all(&cases(), Family::EXACT);
}

#[test]
fn every_family_agrees() {
    let cases: Vec<OpCase> = products().into_iter().map(case).collect();
    Suite::new("dense").check_all(&cases, Family::ROUNDED);
}

#[test]
fn an_epilogue_agrees_with_the_chain() {
    for (bias, slope) in [(true, None), (false, Some(0.25)), (true, Some(0.25))] {
        let cases: Vec<OpCase> = [[3, 5, 3], [17, 8, 16], [64, 33, 20], [9, 100, 1]]
            .map(|extents| case(extents).followed_by(bias, slope))
            .into();
        Suite::new("dense, epilogue").check_all(&cases, [Family::Integers, Family::Normal]);
    }
}

#[test]
fn layers_of_the_presets_agree() {
    let cases: Vec<OpCase> = dense_layers().into_iter().map(case).collect();
    Suite::new("dense, layers").check_all(&cases, [Family::Integers, Family::TrainingLike]);
}

/// As long a sum as the limit of loop iterations allows: nothing is cut off.
#[test]
fn the_longest_sum_is_whole() {
    let case = case([2, 65_533, 3]);
    Suite::new("dense, longest").check_all(&[case], [Family::Integers, Family::Normal]);
}
