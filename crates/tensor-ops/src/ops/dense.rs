//! y = x·w.

use super::{
    Call,
    product::{Layout, matrix_product},
};
use crate::{launch::Launch, shaders::shader};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    vec![matrix_product(call, &[shader!("dense")], Layout::AlongN)]
}
