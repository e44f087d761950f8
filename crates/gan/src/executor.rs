//! One way to run a graph, on the CPU or on a GPU.

use cpu_reference::{Interpreter, Values};
use graph::{DType, Graph, PhaseId, ScalarId, Schedule, StorageId, TensorId};
use tensor_ops::{Choices, Plan, PlanOptions};

/// Where graphs run.
#[derive(Clone)]
pub enum Device {
    /// The CPU reference, in f32.
    Cpu,
    /// An adapter.
    Gpu(tensor_ops::Gpu),
}

impl Device {
    /// Prepares a graph to be run, any number of times.
    ///
    /// # Errors
    /// [`ExecutorError::Plan`] if the adapter cannot hold or run the graph.
    pub async fn compile(&self, graph: Graph) -> Result<Executor, ExecutorError> {
        self.compile_with(graph, Choices::default()).await
    }

    /// [`Device::compile`] with variants of products, which the CPU has none of.
    ///
    /// # Errors
    /// As [`Device::compile`].
    pub async fn compile_with(
        &self,
        graph: Graph,
        choices: Choices,
    ) -> Result<Executor, ExecutorError> {
        let mut readable = graph.outputs().to_vec();
        readable.retain(|&tensor| graph.ty(tensor).dtype == DType::F32);
        let engine = match self {
            Self::Cpu => Engine::Cpu(Box::new(Interpreter::new(graph))),
            Self::Gpu(gpu) => {
                let options = PlanOptions { choices, ..PlanOptions::default() };
                Engine::Gpu(Box::new(Plan::compile_with(gpu, &graph, options).await?))
            }
        };
        Ok(Executor { engine, readable })
    }
}

/// A graph that is ready to run, with its storage.
pub struct Executor {
    engine: Engine,
    /// The graph's f32 outputs.
    readable: Vec<TensorId>,
}

enum Engine {
    Cpu(Box<Interpreter<f32>>),
    Gpu(Box<Plan>),
}

/// What can go wrong while a graph runs.
#[derive(Debug, thiserror::Error)]
pub enum ExecutorError {
    /// The CPU reference could not run it.
    #[error(transparent)]
    Cpu(#[from] cpu_reference::InterpretError),
    /// The adapter cannot hold or run the graph.
    #[error(transparent)]
    Plan(#[from] tensor_ops::PlanError),
    /// The adapter was lost or ran out of memory.
    #[error(transparent)]
    Device(#[from] tensor_ops::DeviceError),
    /// A tensor was read that the graph does not keep.
    #[error("tensor {0} has no f32 values to read: it is no output of the graph, or never ran")]
    NotReadable(usize),
}

impl Executor {
    /// The bytes that it holds.
    pub fn memory(&self) -> tensor_ops::Memory {
        match &self.engine {
            Engine::Cpu(interpreter) => cpu_memory(interpreter.graph()),
            Engine::Gpu(plan) => plan.memory(),
        }
    }

    /// Replaces a storage's elements.
    pub fn write_storage(&mut self, storage: StorageId, values: &[f32]) {
        match &mut self.engine {
            Engine::Cpu(interpreter) => interpreter.write_storage(storage, values),
            Engine::Gpu(plan) => plan.write_storage(storage, values),
        }
    }

    /// A storage's elements after all that was run.
    ///
    /// # Errors
    /// [`ExecutorError::Device`] if the adapter is lost.
    pub async fn read_storage(&self, storage: StorageId) -> Result<Vec<f32>, ExecutorError> {
        self.begin_read_storage(storage).await?.reals().await
    }

    /// [`Executor::read_storage`] to be awaited later: what is run meanwhile changes nothing about
    /// what is read.
    ///
    /// # Errors
    /// [`ExecutorError::Device`] if the adapter is lost.
    pub async fn begin_read_storage(&self, storage: StorageId) -> Result<Reading, ExecutorError> {
        Ok(Reading(match &self.engine {
            Engine::Cpu(interpreter) => Source::Here(interpreter.storage(storage).to_vec()),
            Engine::Gpu(plan) => Source::Device(plan.begin_read_storage(storage).await?),
        }))
    }

    /// Writes a u8 input, in memory order.
    pub fn write_pixels(&mut self, input: TensorId, pixels: &[u8]) {
        match &mut self.engine {
            Engine::Cpu(interpreter) => interpreter.write_input(input, Values::U8(pixels.to_vec())),
            Engine::Gpu(plan) => plan.write_input(input, pixels),
        }
    }

    /// Writes an f32 input, in memory order.
    pub fn write_reals(&mut self, input: TensorId, values: &[f32]) {
        match &mut self.engine {
            Engine::Cpu(interpreter) => {
                interpreter.write_input(input, Values::Real(values.to_vec()));
            }
            Engine::Gpu(plan) => plan.write_input(input, bytemuck::cast_slice(values)),
        }
    }

    /// Sets a u32 scalar for the following runs.
    pub fn set_scalar_u32(&mut self, scalar: ScalarId, value: u32) {
        match &mut self.engine {
            Engine::Cpu(interpreter) => interpreter.set_scalar(scalar, value),
            Engine::Gpu(plan) => plan.set_scalar(scalar, value),
        }
    }

    /// Sets an f32 scalar for the following runs.
    pub fn set_scalar_f32(&mut self, scalar: ScalarId, value: f32) {
        self.set_scalar_u32(scalar, value.to_bits());
    }

    /// Runs phases in this order. An adapter may still be at work when this returns.
    ///
    /// # Errors
    /// If the CPU reference cannot run the graph, or the adapter is lost.
    pub async fn run(&mut self, phases: &[PhaseId]) -> Result<(), ExecutorError> {
        match &mut self.engine {
            Engine::Cpu(interpreter) => Ok(interpreter.run(phases)?),
            Engine::Gpu(plan) => Ok(plan.run(phases).await?),
        }
    }

    /// An f32 output's elements after all that was run.
    ///
    /// # Errors
    /// [`ExecutorError::NotReadable`] if it is no f32 output; [`ExecutorError::Device`] if the
    /// adapter is lost.
    pub async fn read(&self, tensor: TensorId) -> Result<Vec<f32>, ExecutorError> {
        let not_readable = ExecutorError::NotReadable(tensor.index());
        if !self.readable.contains(&tensor) {
            return Err(not_readable);
        }
        match &self.engine {
            Engine::Cpu(interpreter) => match interpreter.value(tensor) {
                Some(Values::Real(values)) => Ok(values.clone()),
                _ => Err(not_readable),
            },
            Engine::Gpu(plan) => Ok(plan.read(tensor).await?),
        }
    }

    /// Waits until all that was run is done.
    ///
    /// # Errors
    /// [`ExecutorError::Device`] if the adapter is lost.
    pub async fn finish(&self) -> Result<(), ExecutorError> {
        match &self.engine {
            Engine::Cpu(_) => Ok(()),
            Engine::Gpu(plan) => Ok(plan.finish().await?),
        }
    }
}

/// Elements on their way from where a graph runs.
pub struct Reading(Source);

enum Source {
    Here(Vec<f32>),
    Device(tensor_ops::Readback),
}

impl Reading {
    /// The elements, once they are here.
    ///
    /// # Errors
    /// [`ExecutorError::Device`] if the adapter is lost.
    pub async fn reals(self) -> Result<Vec<f32>, ExecutorError> {
        match self.0 {
            Source::Here(elements) => Ok(elements),
            Source::Device(readback) => Ok(readback.reals().await?),
        }
    }
}

/// What the CPU reference holds: it frees each value after its last use.
fn cpu_memory(graph: &Graph) -> tensor_ops::Memory {
    let schedule = Schedule::new(graph);
    let elements: usize = graph.storages().iter().map(|storage| storage.elements).sum();
    tensor_ops::Memory {
        storage_bytes: (elements * size_of::<f32>()) as u64,
        pooled_bytes: schedule.least_bytes as u64,
        unshared_bytes: schedule.unshared_bytes as u64,
        least_bytes: schedule.least_bytes as u64,
        other_bytes: 0,
        readback_bytes: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::{Op, TensorType};
    use pollster::block_on;

    #[test]
    fn only_f32_outputs_that_ran_can_be_read() {
        let mut graph = Graph::new("only");
        let bytes = TensorType { dtype: DType::U8, shape: graph::Shape::new(&[6]) };
        let pixels = graph.input(bytes).unwrap();
        let reals = graph.input(TensorType::f32(&[6])).unwrap();
        let inner = graph.push(Op::Tanh, &[reals]).unwrap()[0];
        let outer = graph.push(Op::Tanh, &[inner]).unwrap()[0];
        let phase = graph.current_phase();
        graph.output(outer);
        graph.output(pixels);
        let mut executor = block_on(Device::Cpu.compile(graph)).unwrap();
        assert!(block_on(executor.read(outer)).is_err(), "it has not run");
        executor.write_pixels(pixels, &[0; 6]);
        executor.write_reals(reals, &[0.0; 6]);
        block_on(executor.run(&[phase])).unwrap();
        assert_eq!(block_on(executor.read(outer)).unwrap(), [0.0; 6]);
        for tensor in [pixels, reals, inner] {
            let error = block_on(executor.read(tensor)).unwrap_err();
            assert!(matches!(error, ExecutorError::NotReadable(_)), "{error}");
        }
    }
}
