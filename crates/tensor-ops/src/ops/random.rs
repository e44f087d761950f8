//! What the ops that draw random bits share.

use super::{Call, lane_width};
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access,
    shaders::{lane_constants, shader},
};
use graph::Shape;

/// Where in Philox's counter an op draws from.
pub(super) struct Draw<'a> {
    pub(super) shape: &'a Shape,
    pub(super) stream: u32,
    pub(super) first_block: u32,
}

/// The dispatch of an op that draws bits for every element of [samples, ..].
pub(super) fn random(
    call: &Call<'_>,
    text: &'static str,
    draw: &Draw<'_>,
    places: &[(Place, Access)],
    more_parameters: &[u32],
) -> Launch {
    let sample_elements = draw.shape.elements() / draw.shape.dims().first().copied().unwrap_or(1);
    let width = lane_width(sample_elements);
    let lanes = draw.shape.elements() / width;
    let bits = if width == 4 { shader!("philox_quads") } else { shader!("philox_scalars") };
    let constants = lane_constants(width);
    let parts = [text, shader!("philox"), shader!("divide"), bits];
    let mut shader = call.shader(constants, &parts);
    shader.scalars = true;
    let mut params = vec![lanes as u32, sample_elements as u32, draw.stream, draw.first_block];
    params.extend(more_parameters);
    Launch { iterations: 40, ..linear(shader, places, bytemuck::cast_slice(&params), lanes) }
}
