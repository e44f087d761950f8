//! The weights from both images: ∂T/∂w of the window.

use super::{CONVOLUTIONS, PRODUCTS};
use crate::{
    Family, Gradient, Law, Level, OpCase, Proof, Reference,
    shapes::longest,
    windows::{
        WindowCase, dcgan28_layers, dcgan64_layers, few_channels, geometries, many_taps, small,
        split_sums, tile_edges, wide,
    },
};
use graph::Window;
use tensor_ops::MAX_LOOP_ITERATIONS;

pub(super) fn proof() -> Proof {
    let of = |windows: Vec<WindowCase>| windows.into_iter().map(WindowCase::conv2d_grad_weight);
    let layers = [dcgan28_layers(3, 1), dcgan28_layers(3, 4), dcgan64_layers(2)].concat();
    let batches = [dcgan28_layers(64, 1), dcgan28_layers(64, 4)].concat();
    Proof::new("conv2d_grad_weight", Reference::PyTorch, Gradient::Twice)
        .laws(&[Law::Adjoint, Law::Linear])
        .group("small", Level::Quick, of(small()), CONVOLUTIONS)
        .group("few-channels", Level::Quick, of(few_channels()), PRODUCTS)
        .group("wide", Level::Quick, of(wide()), [Family::Integers])
        .group("split-sums", Level::Quick, of(split_sums()), PRODUCTS)
        .group("geometries", Level::Full, of(geometries()), Family::all())
        .group("tile-edges", Level::Full, of(tile_edges()), Family::EXACT)
        .group("layers", Level::Full, of(layers), PRODUCTS)
        .group("many-workgroups", Level::Full, of(many_taps()), [Family::Integers])
        .group("longest-sum", Level::Full, longest_sums(), [Family::Integers])
        .group("whole-batches", Level::Suite, of(batches), [Family::Integers])
}

/// As many places as the loop limit has iterations: no driver cuts their sum. Of few channels, and
/// of so many that workgroups share tiles of them, which takes most iterations at one image.
fn longest_sums() -> Vec<OpCase> {
    let window = Window::square(1, 1, 0);
    let of = |side: usize, [i, o]: [usize; 2]| {
        (WindowCase { n: 1, large: [side, side], i, o, window }).conv2d_grad_weight()
    };
    let sides = (1..=(MAX_LOOP_ITERATIONS as usize).isqrt()).rev();
    let mut cases = longest(&sides, |side| of(side, [3, 5]));
    cases.push(of(100, [20, 20]));
    cases
}
