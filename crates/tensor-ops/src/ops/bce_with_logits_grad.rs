//! z = grad · (sigmoid(x) - label).

use super::{Call, pointwise::binary};
use crate::{launch::Launch, shaders::shader};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::BceWithLogitsGrad { target } = call.op else { unreachable!("dispatched by op") };
    vec![binary(call, shader!("bce_with_logits_grad"), [*target, 0.0])]
}
