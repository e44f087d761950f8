//! y = x·w, with and without an epilogue.

use super::{FEW, PRODUCTS};
use crate::{
    Family, Gradient, Law, Level, OpCase, Proof, Reference,
    shapes::{dense_layers, epilogues, longest, products, small_products, tile_edges},
};
use graph::Op;
use tensor_ops::MAX_LOOP_ITERATIONS;

pub(super) fn proof() -> Proof {
    let of = |products: Vec<[usize; 3]>| products.into_iter().map(case);
    let followed = epilogues([[3, 5, 3], [17, 8, 16], [64, 33, 20], [9, 100, 1]].map(case));
    // An odd depth, as a multiple of four takes a quarter of the iterations.
    let depths = (1..MAX_LOOP_ITERATIONS as usize).rev().step_by(2);
    let mut longest_sums = longest(&depths, |depth| case([2, depth, 3]));
    longest_sums.extend(longest_in_shared_tiles());
    Proof::new("dense", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::Adjoint, Law::Linear, Law::OneByOneIsDense, Law::BatchesApart])
        .group("small", Level::Quick, of(small_products()), PRODUCTS)
        .group("epilogue", Level::Quick, epilogues([case([3, 7, 9])]), FEW)
        .group("shapes", Level::Full, of(products()), Family::all())
        .group("tile-edges", Level::Full, of(tile_edges()), Family::EXACT)
        .group("epilogues", Level::Full, followed, FEW)
        .group("layers", Level::Full, of(dense_layers(3)), PRODUCTS)
        .group("longest-sum", Level::Full, longest_sums, FEW)
        .group("whole-batches", Level::Suite, of(dense_layers(64)), PRODUCTS)
}

/// As long a sum as plans accept in every variant, of channels that workgroups share tiles of: 16
/// values of k take seven iterations there, and four elsewhere.
fn longest_in_shared_tiles() -> Option<OpCase> {
    let fours = 1..=MAX_LOOP_ITERATIONS as usize * 16 / 7 / 4;
    longest(&fours.rev(), |fours| case([2, 4 * fours, 20])).into_iter().next()
}

fn case([n, i, o]: [usize; 3]) -> OpCase {
    OpCase::new(Op::Dense, &[&[n, i], &[i, o]])
}
