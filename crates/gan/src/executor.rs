//! One way to run a graph, on the CPU or on a GPU.

use cpu_reference::{Interpreter, Values};
use graph::{Graph, PhaseId, ScalarId, Schedule, StorageId, TensorId};

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
        match self {
            Self::Cpu => Ok(Executor::Cpu(Box::new(Interpreter::new(graph)))),
            Self::Gpu(gpu) => {
                let plan = tensor_ops::Plan::compile(gpu, &graph).await?;
                Ok(Executor::Gpu(Box::new(plan)))
            }
        }
    }
}

/// A graph that is ready to run, with its storage.
pub enum Executor {
    /// On the CPU.
    Cpu(Box<Interpreter<f32>>),
    /// On an adapter.
    Gpu(Box<tensor_ops::Plan>),
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
        match self {
            Self::Cpu(interpreter) => cpu_memory(interpreter.graph()),
            Self::Gpu(plan) => plan.memory(),
        }
    }

    /// Replaces a storage's elements.
    pub fn write_storage(&mut self, storage: StorageId, values: &[f32]) {
        match self {
            Self::Cpu(interpreter) => interpreter.write_storage(storage, values),
            Self::Gpu(plan) => plan.write_storage(storage, values),
        }
    }

    /// A storage's elements after all that was run.
    ///
    /// # Errors
    /// [`ExecutorError::Device`] if the adapter is lost.
    pub async fn read_storage(&self, storage: StorageId) -> Result<Vec<f32>, ExecutorError> {
        match self {
            Self::Cpu(interpreter) => Ok(interpreter.storage(storage).to_vec()),
            Self::Gpu(plan) => Ok(plan.read_storage(storage).await?),
        }
    }

    /// Writes a u8 input, in memory order.
    pub fn write_pixels(&mut self, input: TensorId, pixels: &[u8]) {
        match self {
            Self::Cpu(interpreter) => interpreter.write_input(input, Values::U8(pixels.to_vec())),
            Self::Gpu(plan) => plan.write_input(input, pixels),
        }
    }

    /// Writes an f32 input, in memory order.
    pub fn write_reals(&mut self, input: TensorId, values: &[f32]) {
        match self {
            Self::Cpu(interpreter) => interpreter.write_input(input, Values::Real(values.to_vec())),
            Self::Gpu(plan) => plan.write_input(input, bytemuck::cast_slice(values)),
        }
    }

    /// Sets a u32 scalar for the following runs.
    pub fn set_scalar_u32(&mut self, scalar: ScalarId, value: u32) {
        match self {
            Self::Cpu(interpreter) => interpreter.set_scalar(scalar, value),
            Self::Gpu(plan) => plan.set_scalar(scalar, value),
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
        match self {
            Self::Cpu(interpreter) => Ok(interpreter.run(phases)?),
            Self::Gpu(plan) => Ok(plan.run(phases).await?),
        }
    }

    /// An f32 output's elements after all that was run.
    ///
    /// # Errors
    /// [`ExecutorError::NotReadable`] if it is no f32 output; [`ExecutorError::Device`] if the
    /// adapter is lost.
    pub async fn read(&self, tensor: TensorId) -> Result<Vec<f32>, ExecutorError> {
        match self {
            Self::Cpu(interpreter) => match interpreter.value(tensor) {
                Some(Values::Real(values)) => Ok(values.clone()),
                _ => Err(ExecutorError::NotReadable(tensor.index())),
            },
            Self::Gpu(plan) => Ok(plan.read(tensor).await?),
        }
    }

    /// Waits until all that was run is done.
    ///
    /// # Errors
    /// [`ExecutorError::Device`] if the adapter is lost.
    pub async fn finish(&self) -> Result<(), ExecutorError> {
        match self {
            Self::Cpu(_) => Ok(()),
            Self::Gpu(plan) => Ok(plan.finish().await?),
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
    }
}
