//! The large image from the small one: ∂T/∂x of the window.

use super::{
    Call,
    product::{Layout, Product, product},
};
use crate::{Variant, launch::Launch, shaders::shader};
use graph::{Op, Window};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::ConvTranspose2d { window, .. } = *call.op else { unreachable!("dispatched by op") };
    let (&[images, p, q, depth], &[_, height, width, columns]) =
        (call.operands[0].shape.dims(), call.results[0].shape.dims())
    else {
        unreachable!("the shape rule wants images")
    };
    // One more where phases are columns and the kernel is even: the taps of two neighbours end at
    // different rows.
    let axis_taps = |axis: usize| match call.variant() {
        Variant::Phases => window.kernel[axis] / 2 + 1,
        _ => window.kernel[axis].div_ceil(window.stride[axis]),
    };
    let conv_transpose2d = Product {
        images,
        a_size: [p, q],
        c_size: [height, width],
        depth,
        columns,
        window,
        taps: axis_taps(0) * axis_taps(1),
        layout: Layout::AlongK,
    };
    let texts: &[_] = match call.variant() {
        Variant::Phases => &[],
        _ => &[shader!("conv_transpose2d")],
    };
    vec![product(call, texts, &conv_transpose2d)]
}

/// Whether the four phases of a stride can be the columns of a product: where there is but one.
pub(super) fn has_phases(columns: usize, window: Window) -> bool {
    columns == 1 && window.stride == [2, 2]
}
