//! The large image from the small one: ∂T/∂x of the window.

use super::{
    Call,
    product::{Layout, Product, product},
};
use crate::{launch::Launch, shaders::shader};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::ConvTranspose2d { window, .. } = *call.op else { unreachable!("dispatched by op") };
    let (&[images, p, q, depth], &[_, height, width, columns]) =
        (call.operands[0].shape.dims(), call.results[0].shape.dims())
    else {
        unreachable!("the shape rule wants images")
    };
    let conv_transpose2d = Product {
        images,
        a_size: [p, q],
        c_size: [height, width],
        depth,
        columns,
        window,
        taps: window.kernel[0].div_ceil(window.stride[0])
            * window.kernel[1].div_ceil(window.stride[1]),
        layout: Layout::AlongK,
    };
    vec![product(call, &[shader!("divide"), shader!("conv_transpose2d")], &conv_transpose2d)]
}
