//! z = grad where y > 0, slope · grad elsewhere.

use super::{Call, pointwise::binary};
use crate::{launch::Launch, shaders::shader};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::LeakyReluGrad { slope } = call.op else { unreachable!("dispatched by op") };
    vec![binary(call, shader!("leaky_relu_grad"), [*slope, 0.0])]
}
