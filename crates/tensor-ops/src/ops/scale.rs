//! y = factor · x + offset.

use super::{Call, pointwise::unary};
use crate::{launch::Launch, shaders::shader};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::Scale { factor, offset } = call.op else { unreachable!("dispatched by op") };
    vec![unary(call, shader!("scale"), [*factor, *offset])]
}
