//! z = grad · y · (1 - y).

use super::{Call, pointwise::binary};
use crate::{launch::Launch, shaders::shader};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    vec![binary(call, shader!("sigmoid_grad"), [0.0; 2])]
}
