//! y = tanh(x).

use super::{Call, pointwise::unary};
use crate::{launch::Launch, shaders::shader};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    vec![unary(call, shader!("tanh"), [0.0; 2])]
}
