//! What each dropout of a step multiplied by.

use crate::{
    compiled_step::CompiledStep,
    executor::{Device, Executor, ExecutorError},
    trainer::TrainError,
};
use graph::{Graph, Op, TensorId, scalars};

/// The masks of every dropout of a step: dropout applied to ones, on the CPU reference, so they
/// are a function of seed, step and stream and not of what the device did.
pub(super) struct Masks {
    executor: Executor,
    /// The result of each dropout in the step's graph, and its mask in this one.
    masks: Vec<(TensorId, TensorId)>,
}

impl Masks {
    /// Draws the masks of the step after so many.
    pub(super) async fn draw(compiled: &CompiledStep, steps_done: u64) -> Result<Self, TrainError> {
        let of_step = &compiled.step.graph;
        let mut graph = Graph::new("masks");
        let mut masks = Vec::new();
        for (_, node) in of_step.nodes() {
            let Op::Dropout { rate, stream } = node.op else { continue };
            // Its adjoint is the same op; only the forward pass yields an activation.
            let yielded = compiled.step.activations.iter().map(|activation| activation.tensor);
            for tensor in yielded.filter(|tensor| node.results.contains(tensor)) {
                let ones = graph.fill(1.0, of_step.shape(tensor))?;
                let mask = graph.dropout(ones, rate, stream)?;
                graph.output(mask);
                masks.push((tensor, mask));
            }
        }
        let phase = graph.current_phase();
        let mut executor = Device::Cpu.compile(graph).await?;
        let seed = compiled.options.seed;
        executor.set_scalar_u32(scalars::SEED_LOW, seed as u32);
        executor.set_scalar_u32(scalars::SEED_HIGH, (seed >> 32) as u32);
        executor.set_scalar_u32(scalars::FIRST_SAMPLE, 0);
        executor.set_scalar_u32(scalars::STEP, steps_done as u32);
        executor.run(&[phase]).await?;
        Ok(Self { executor, masks })
    }

    /// The mask of the dropout that yields a tensor of the step, in memory order; `None` if none
    /// does.
    pub(super) async fn of(&self, tensor: TensorId) -> Result<Option<Vec<f32>>, ExecutorError> {
        match self.masks.iter().find(|(yielded, _)| *yielded == tensor) {
            Some(&(_, mask)) => Ok(Some(self.executor.read(mask).await?)),
            None => Ok(None),
        }
    }
}
