//! 8-bit pixels through a table.

use super::Call;
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{Constants, shader},
};

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let elements = call.results[0].shape.elements();
    let shader = call.shader(Constants::default(), &[shader!("scale_pixels")]);
    let params = [elements as u32, 0, 0, 0];
    let places = [(Place::Operand(0), Read), (Place::Operand(1), Read), (Place::Result(0), Write)];
    vec![linear(shader, &places, bytemuck::cast_slice(&params), elements)]
}
