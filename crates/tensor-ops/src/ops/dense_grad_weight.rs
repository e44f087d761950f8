//! dw = xᵀ·grad.

use super::{
    Call,
    weight_product::{WeightProduct, weight_product},
};
use crate::{launch::Launch, shaders::shader};
use graph::Window;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let ([images, rows], [_, columns]) =
        (call.operands[0].shape.dims(), call.operands[1].shape.dims())
    else {
        unreachable!("the shape rule wants matrices")
    };
    let dense = WeightProduct {
        images: *images,
        a_size: [1; 2],
        b_size: [1; 2],
        rows: *rows,
        columns: *columns,
        window: Window::square(1, 1, 0),
    };
    weight_product(call, &[shader!("dense_grad_weight")], &dense)
}
