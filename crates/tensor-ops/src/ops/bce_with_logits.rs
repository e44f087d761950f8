//! Binary cross-entropy of sigmoid(x) against a label.

use super::{Call, pointwise::unary};
use crate::{launch::Launch, shaders::shader};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::BceWithLogits { target } = call.op else { unreachable!("dispatched by op") };
    vec![unary(call, shader!("bce_with_logits"), [*target, 0.0])]
}
