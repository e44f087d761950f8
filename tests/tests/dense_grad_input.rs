//! grad·wᵀ.

use ganvas_tests::{
    Family, OpCase, Suite,
    shapes::{dense_layers, products, tile_edges},
};
use graph::Op;

fn case([n, i, o]: [usize; 3]) -> OpCase {
    OpCase::new(Op::DenseGradInput, &[&[n, o], &[i, o]])
}

pub(crate) fn cases() -> Vec<OpCase> {
    products().into_iter().chain(tile_edges()).map(case).collect()
}

#[test]
fn integers_are_exact() {
    Suite::new("dense_grad_input").check_all(&cases(), Family::EXACT);
}

#[test]
fn every_family_agrees() {
    let cases: Vec<OpCase> = products().into_iter().map(case).collect();
    Suite::new("dense_grad_input").check_all(&cases, Family::ROUNDED);
}

#[test]
fn layers_of_the_presets_agree() {
    let cases: Vec<OpCase> = dense_layers().into_iter().map(case).collect();
    Suite::new("dense_grad_input, layers")
        .check_all(&cases, [Family::Integers, Family::TrainingLike]);
}
