//! y[o, r, i] = x[o, i].

use super::Call;
use crate::{
    launch::{Launch, Place, linear},
    pipeline::Access::{Read, Write},
    shaders::{Constants, shader},
};
use graph::Op;

pub(super) fn launches(call: &Call<'_>) -> Vec<Launch> {
    let Op::Broadcast { axes, sizes } = call.op else { unreachable!("dispatched by op") };
    let shape = &call.results[0].shape;
    let elements = shape.elements();
    let inner: usize = shape.dims()[axes.end..].iter().product();
    let block = inner * sizes.iter().product::<usize>();
    let shader = call.shader(Constants::default(), &[shader!("broadcast")]);
    let params = [elements as u32, block as u32, inner as u32, 0];
    let places = [(Place::Operand(0), Read), (Place::Result(0), Write)];
    vec![linear(shader, &places, bytemuck::cast_slice(&params), elements)]
}
