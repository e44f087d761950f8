//! grad·wᵀ.

use super::{FEW, PRODUCTS};
use crate::{
    Family, Gradient, Law, Level, OpCase, Proof, Reference,
    shapes::{dense_layers, longest, products, small_products, tile_edges},
};
use graph::Op;
use tensor_ops::MAX_LOOP_ITERATIONS;

pub(super) fn proof() -> Proof {
    let of = |products: Vec<[usize; 3]>| products.into_iter().map(case);
    // An odd depth, as a multiple of four takes a quarter of the iterations.
    let depths = (1..MAX_LOOP_ITERATIONS as usize).rev().step_by(2);
    let longest = longest(&depths, |depth| case([2, 3, depth]));
    Proof::new("dense_grad_input", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::Adjoint, Law::Linear, Law::BatchesApart])
        .group("small", Level::Quick, of(small_products()), PRODUCTS)
        .group("shapes", Level::Full, of(products()), Family::all())
        .group("tile-edges", Level::Full, of(tile_edges()), Family::EXACT)
        .group("layers", Level::Full, of(dense_layers(3)), PRODUCTS)
        .group("longest-sum", Level::Full, longest, FEW)
        .group("whole-batches", Level::Suite, of(dense_layers(64)), PRODUCTS)
}

fn case([n, i, o]: [usize; 3]) -> OpCase {
    OpCase::new(Op::DenseGradInput, &[&[n, o], &[i, o]])
}
