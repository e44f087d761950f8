//! y = x·w, with and without an epilogue.

use ganvas_tests::{
    Family, OpCase, Suite, accepts,
    shapes::{dense_layers, products, tile_edges},
};
use graph::Op;
use tensor_ops::MAX_LOOP_ITERATIONS;

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

/// As long a sum as plans accept: no driver cuts it.
#[test]
fn the_longest_sum_is_whole() {
    let most = MAX_LOOP_ITERATIONS as usize / 2 * 2 + 1;
    let of = |depth: usize| case([2, depth, 3]);
    let longest = (1..=most).rev().step_by(2).map(of).find(accepts).unwrap();
    Suite::new("dense, longest").check_all(&[longest], [Family::Integers, Family::Normal]);
}
