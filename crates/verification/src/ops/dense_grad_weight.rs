//! xᵀ·grad.

use super::{FEW, PRODUCTS};
use crate::{
    Family, Gradient, Law, Level, OpCase, Proof, Reference,
    shapes::{dense_layers, longest, products, small_products, split_products, tile_edges},
};
use graph::Op;
use tensor_ops::MAX_LOOP_ITERATIONS;

pub(super) fn proof() -> Proof {
    let of = |products: Vec<[usize; 3]>| products.into_iter().map(case);
    let batches = (1..MAX_LOOP_ITERATIONS as usize).rev();
    let longest = longest(&batches, |batch| case([batch, 3, 5]));
    Proof::new("dense_grad_weight", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::Adjoint, Law::Linear])
        .group("small", Level::Quick, of(small_products()), PRODUCTS)
        .group("split-sums", Level::Quick, of(split_products()), PRODUCTS)
        .group("shapes", Level::Full, of(products()), Family::all())
        .group("tile-edges", Level::Full, of(tile_edges()), Family::EXACT)
        .group("layers", Level::Full, of(dense_layers(3)), PRODUCTS)
        .group("longest-sum", Level::Full, longest, FEW)
        .group("whole-batches", Level::Suite, of(dense_layers(64)), PRODUCTS)
}

fn case([n, i, o]: [usize; 3]) -> OpCase {
    OpCase::new(Op::DenseGradWeight, &[&[n, i], &[n, o]])
}
