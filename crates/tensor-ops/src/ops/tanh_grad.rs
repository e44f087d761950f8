//! z = grad · (1 - y²).

use super::{Call, pointwise::binary};
use crate::{launch::Launch, shaders::shader};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    vec![binary(call, shader!("tanh_grad"), [0.0; 2])]
}
