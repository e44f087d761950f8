//! Writes x into a view.

use super::{Call, pointwise::pointwise};
use crate::{
    launch::{Launch, Place},
    pipeline::Access::{Read, Write},
    shaders::shader,
};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let places = [(Place::Operand(0), Read), (Place::Operand(1), Write)];
    let parts = [shader!("pointwise_unary"), shader!("copy")];
    vec![pointwise(call, &parts, &places, [0.0; 2])]
}
