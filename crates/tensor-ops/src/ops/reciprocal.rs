//! y = 1 / x.

use super::{Call, pointwise::unary};
use crate::{launch::Launch, shaders::shader};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    vec![unary(call, shader!("reciprocal"), [0.0; 2])]
}
