//! y = x·w.

use super::{
    Call,
    product::{Layout, Product, product},
};
use crate::{launch::Launch, shaders::shader};
use graph::Window;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let ([images, depth], [_, columns]) =
        (call.operands[0].shape.dims(), call.results[0].shape.dims())
    else {
        unreachable!("the shape rule wants matrices")
    };
    let dense = Product {
        images: *images,
        a_size: [1; 2],
        c_size: [1; 2],
        depth: *depth,
        columns: *columns,
        window: Window::square(1, 1, 0),
        taps: 1,
        layout: Layout::AlongN,
    };
    vec![product(call, shader!("dense"), &dense)]
}
