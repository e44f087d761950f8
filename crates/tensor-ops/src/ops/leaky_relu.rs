//! y = x where x > 0, slope · x elsewhere.

use super::{Call, pointwise::unary};
use crate::{launch::Launch, shaders::shader};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::LeakyRelu { slope } = call.op else { unreachable!("dispatched by op") };
    vec![unary(call, shader!("leaky_relu"), [*slope, 0.0])]
}
