//! The weights from both images: ∂T/∂w of the window.

use super::{
    Call,
    weight_product::{WeightProduct, weight_product},
};
use crate::{launch::Launch, shaders::shader};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::Conv2dGradWeight { window } = *call.op else { unreachable!("dispatched by op") };
    let (&[images, height, width, rows], &[_, p, q, columns]) =
        (call.operands[0].shape.dims(), call.operands[1].shape.dims())
    else {
        unreachable!("the shape rule wants images")
    };
    let conv2d =
        WeightProduct { images, a_size: [height, width], b_size: [p, q], rows, columns, window };
    weight_product(call, &[shader!("conv2d_grad_weight")], &conv2d)
}
