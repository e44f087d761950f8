//! The large image from the small one: ∂T/∂x of the window.

use super::{CONVOLUTIONS, FEW, PRODUCTS};
use crate::{
    Family, Gradient, Law, Level, OpCase, Proof, Reference,
    shapes::{epilogues, longest},
    windows::{
        WindowCase, dcgan28_layers, dcgan64_layers, few_phases, geometries, many_pixels, phases,
        small, tile_edges, wide,
    },
};
use graph::Window;
use tensor_ops::MAX_LOOP_ITERATIONS;

pub(super) fn proof() -> Proof {
    let of = |windows: Vec<WindowCase>| windows.into_iter().map(WindowCase::conv_transpose2d);
    let layers = [dcgan28_layers(3, 1), dcgan28_layers(3, 4), dcgan64_layers(2)].concat();
    let batches = [dcgan28_layers(64, 1), dcgan28_layers(64, 4)].concat();
    Proof::new("conv_transpose2d", Reference::PyTorch, Gradient::Twice)
        .laws(&[
            Law::Adjoint,
            Law::Linear,
            Law::IdentityKernel,
            Law::ZeroInsertion,
            Law::BatchesApart,
        ])
        .group("small", Level::Quick, of(small()), CONVOLUTIONS)
        .group("wide", Level::Quick, of(wide()), [Family::Integers])
        .group("phases", Level::Quick, of(few_phases()), [Family::Integers])
        .group("epilogue", Level::Quick, epilogues(of(small()).skip(1).take(2)), FEW)
        .group("geometries", Level::Full, of(geometries()), Family::all())
        .group("all-phases", Level::Full, of(phases()), Family::all())
        .group("tile-edges", Level::Full, of(tile_edges()), Family::EXACT)
        .group("epilogues", Level::Full, epilogues(of(geometries())), FEW)
        .group("layers", Level::Full, of(layers), PRODUCTS)
        .group("many-workgroups", Level::Full, of(many_pixels()), [Family::Integers])
        .group("longest-sum", Level::Full, longest_sums(), [Family::Integers])
        .group("whole-batches", Level::Suite, of(batches), [Family::Integers])
}

/// As long a sum over 49 taps as plans accept: no driver cuts it. Of an odd depth, as a multiple of
/// four takes a quarter of the iterations.
fn longest_sums() -> Vec<OpCase> {
    let window = Window::square(7, 1, 0);
    let of = |depth: usize| {
        (WindowCase { n: 1, large: [8, 7], i: 3, o: depth, window }).conv_transpose2d()
    };
    let most = MAX_LOOP_ITERATIONS as usize / 49 / 2 * 2 + 1;
    longest(&(1..=most).rev().step_by(2), of)
}
