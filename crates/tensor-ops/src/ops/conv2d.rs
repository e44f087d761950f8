//! The small image from the large one: ∂T/∂y of the window.

use super::{
    Call,
    product::{Layout, Product, product},
};
use crate::{launch::Launch, shaders::shader};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::Conv2d { window } = *call.op else { unreachable!("dispatched by op") };
    let (&[images, height, width, depth], &[_, p, q, columns]) =
        (call.operands[0].shape.dims(), call.results[0].shape.dims())
    else {
        unreachable!("the shape rule wants images")
    };
    let conv2d = Product {
        images,
        a_size: [height, width],
        c_size: [p, q],
        depth,
        columns,
        window,
        taps: window.kernel[0] * window.kernel[1],
        layout: Layout::AlongN,
    };
    vec![product(call, &[shader!("conv2d")], &conv2d)]
}
