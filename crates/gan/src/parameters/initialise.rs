//! The first values of a network's parameters.

use super::{Layout, Role, Slot};
use crate::{
    networks::{Initialisation, Network},
    streams,
};
use cpu_reference::Values;
use graph::{Op, TensorType};

/// A network's first parameters, in flat memory order: a function of the seed alone.
pub fn initial_parameters(network: &Network, seed: u64) -> Vec<f32> {
    let stream = match network.name() {
        "g" => streams::GENERATOR_INITIALISATION,
        "d" => streams::DISCRIMINATOR_INITIALISATION,
        _ => streams::CLASSIFIER_INITIALISATION,
    };
    let layout = Layout::parameters(network);
    let mut flat = vec![0.0; layout.elements()];
    for (number, slot) in layout.slots().iter().enumerate() {
        let draw = Draw { seed, stream, step: number as u32 };
        let values = &mut flat[slot.range()];
        match (network.initialisation(), slot.role) {
            (Initialisation::GlorotUniform, Role::Weight) => {
                values.copy_from_slice(&draw.uniform(slot.elements(), glorot_limit(slot)));
            }
            (Initialisation::Normal { deviation }, Role::Weight) => {
                values.copy_from_slice(&draw.normal(slot.elements(), 0.0, deviation));
            }
            (Initialisation::Normal { deviation }, Role::Scale) => {
                values.copy_from_slice(&draw.normal(slot.elements(), 1.0, deviation));
            }
            (Initialisation::GlorotUniform, Role::Scale) => values.fill(1.0),
            _ => {}
        }
    }
    flat
}

/// A network's first running statistics, in flat memory order: mean 0, variance 1.
pub fn initial_statistics(network: &Network) -> Vec<f32> {
    let layout = Layout::statistics(network);
    let mut flat = vec![0.0; layout.elements()];
    for slot in layout.slots().iter().filter(|slot| slot.role == Role::RunningVariance) {
        flat[slot.range()].fill(1.0);
    }
    flat
}

/// √(6 / (fan_in + fan_out)), each fan its channels times the kernel's taps.
fn glorot_limit(slot: &Slot) -> f64 {
    let [outputs, inputs, taps @ ..] = slot.border.shape() else { return 0.0 };
    let taps: usize = taps.iter().product();
    (6.0 / ((inputs + outputs) * taps) as f64).sqrt()
}

/// Where Philox draws from, on the host.
pub(crate) struct Draw {
    pub(crate) seed: u64,
    pub(crate) stream: u32,
    pub(crate) step: u32,
}

impl Draw {
    /// Uniform in ±limit.
    fn uniform(&self, elements: usize, limit: f64) -> Vec<f32> {
        let op = Op::PhiloxBits { stream: self.stream, first_block: 0 };
        let ty = TensorType { dtype: graph::DType::U32, shape: graph::Shape::new(&[1, elements]) };
        let Some(Values::U32(bits)) = self.evaluate(&op, ty) else { return Vec::new() };
        let unit = |bits: u32| (f64::from(bits) + 0.5) / 4_294_967_296.0;
        bits.into_iter().map(|bits| ((2.0 * unit(bits) - 1.0) * limit) as f32).collect()
    }

    /// Normal with this mean and standard deviation.
    pub(crate) fn normal(&self, elements: usize, mean: f32, deviation: f32) -> Vec<f32> {
        let op = Op::Normal { stream: self.stream };
        let draws = self.evaluate(&op, TensorType::f32(&[1, elements]));
        let Some(Values::Real(draws)) = draws else { return Vec::new() };
        draws.into_iter().map(|draw| mean + deviation * draw).collect()
    }

    fn evaluate(&self, op: &Op, ty: TensorType) -> Option<Values<f32>> {
        let scalars = [self.seed as u32, (self.seed >> 32) as u32, self.step, 0];
        cpu_reference::evaluate::<f32>(op, &[], &[ty], &scalars).pop()
    }
}
