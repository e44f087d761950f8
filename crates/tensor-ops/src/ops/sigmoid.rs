//! y = 1 / (1 + exp(-x)).

use super::{Call, pointwise::unary};
use crate::{launch::Launch, shaders::shader};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    vec![unary(call, shader!("sigmoid"), [0.0; 2])]
}
