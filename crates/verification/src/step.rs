//! A preset's training step on a plan and in the reference, between steps and kernels.

use crate::{Mismatch, compare::compare, op_case::in_words, reference::expect_kernel};
use cpu_reference::{Interpreter, Values};
use gan::{
    networks::{NetworkError, Preset},
    options::TrainOptions,
    state::{NetworkState, StateError, TrainState},
    step::{NetworkStorages, TrainingStep},
};
use graph::{DType, Graph, GraphError, PhaseId, ScalarId, StorageId, TensorId, scalars};
use std::collections::BTreeMap;
use tensor_ops::{DeviceError, Gpu, Plan, PlanError, PlanOptions};

/// A preset's training step, ready to run from the weights that training begins with.
pub struct Step {
    /// Its graph.
    pub training: TrainingStep,
    /// Its plan.
    pub plan: Plan,
    first_numbers: Vec<(StorageId, Vec<f32>)>,
    options: TrainOptions,
    /// The bits of each scalar.
    scalars: Vec<u32>,
}

/// A step that could not be made or run.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The preset has no such networks.
    #[error(transparent)]
    Networks(#[from] NetworkError),
    /// The options are out of range.
    #[error(transparent)]
    State(#[from] StateError),
    /// The networks do not fit one another.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The device refused the step, or failed.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl From<DeviceError> for StepError {
    fn from(error: DeviceError) -> Self {
        Self::Plan(error.into())
    }
}

/// How one kernel of a step compared.
#[derive(Clone, Debug)]
pub struct StepKernel {
    /// The op's name.
    pub op: &'static str,
    /// Where in the step, and on which shapes.
    pub place: String,
    /// The worst error over what is allowed, or the first mismatch.
    pub result: Result<f64, Mismatch>,
}

impl Step {
    /// Ready for the first step.
    ///
    /// # Errors
    /// If the options have no step, or the device refuses it.
    pub async fn new(
        gpu: &Gpu,
        options: TrainOptions,
        plan_options: PlanOptions,
    ) -> Result<Self, StepError> {
        let networks = options.networks()?;
        let training = TrainingStep::new(&networks, &options)?;
        let plan = Plan::compile_with(gpu, &training.graph, plan_options).await?;
        let scalars = vec![0; training.graph.scalar_names().len()];
        let first_numbers = first_numbers(&training, &options)?;
        for (storage, values) in &first_numbers {
            plan.write_storage(*storage, values);
        }
        let mut step = Self { training, plan, first_numbers, options, scalars };
        step.prepare(0);
        Ok(step)
    }

    /// Runs each kernel on what the ones before it left, and compares all that it leaves.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn check_kernels(&mut self) -> Result<Vec<StepKernel>, StepError> {
        let mut all = Vec::new();
        for phase in self.training.phases() {
            for place in 0..self.plan.kernels(phase).len() {
                all.push(self.check_kernel(phase, place).await?);
            }
        }
        Ok(all)
    }

    /// Runs one kernel on what is in memory, with poisoned results.
    async fn check_kernel(
        &mut self,
        phase: PhaseId,
        place: usize,
    ) -> Result<StepKernel, StepError> {
        let kernel = self.plan.kernels(phase)[place].clone();
        let mut operands: Vec<Values<f64>> = Vec::new();
        for operand in kernel.operands(&self.training.graph) {
            operands.push(self.values(operand).await?);
        }
        let graph = &self.training.graph;
        for &result in kernel.results(graph) {
            self.plan.poison(result);
        }
        self.plan.poison_scratch();
        let expected = expect_kernel(graph, &kernel, &operands, &self.scalars);
        self.plan.run_kernel(phase, place).await?;
        let graph = &self.training.graph;
        let node = graph.node(kernel.nodes[0]);
        let mut result = Ok(0.0);
        for (tensor, expected) in expected {
            let compared = compare(&self.words_of(tensor).await?, &expected, graph.shape(tensor));
            result = result.and_then(|worst: f64| Ok(worst.max(compared?)));
        }
        let operands = kernel.operands(graph);
        let types: Vec<String> = operands.iter().map(|&t| graph.ty(t).to_string()).collect();
        let place = format!("{}: {} of {}", node.scope, in_words(&node.op), types.join(" "));
        Ok(StepKernel { op: node.op.name(), place, result })
    }

    async fn values(&self, tensor: TensorId) -> Result<Values<f64>, DeviceError> {
        Ok(match self.training.graph.ty(tensor).dtype {
            DType::F32 => Values::from_f32(&self.plan.read(tensor).await?),
            DType::U8 => Values::U8(self.plan.read_bytes(tensor).await?),
            DType::U32 => Values::U32(self.words_of(tensor).await?),
        })
    }

    async fn words_of(&self, tensor: TensorId) -> Result<Vec<u32>, DeviceError> {
        let bytes = self.plan.read_bytes(tensor).await?;
        let word = |chunk: &[u8]| u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        Ok(bytes.chunks_exact(4).map(word).collect())
    }

    /// Writes the pixels and the numbers of a step, counted from 0.
    pub fn prepare(&mut self, step: u32) {
        for (scalar, bits) in self.scalars_of(step) {
            self.scalars[scalar.index()] = bits;
            self.plan.set_scalar(scalar, bits);
        }
        self.plan.write_input(self.training.pixels, &self.pixels_of(step));
    }

    /// The same step in f64, on this graph or one with more outputs.
    pub fn reference(&self, graph: Graph) -> Reference {
        let mut interpreter = Interpreter::new(graph);
        for (storage, values) in &self.first_numbers {
            let values: Vec<f64> = values.iter().copied().map(f64::from).collect();
            interpreter.write_storage(*storage, &values);
        }
        Reference { interpreter }
    }

    /// Every storage of the graph, by its name.
    pub fn storages(&self) -> BTreeMap<String, StorageId> {
        let TrainingStep { generator, discriminator, average, metrics, .. } = self.training;
        let mut all = vec![average.parameters, average.statistics, metrics];
        for of in [generator, discriminator] {
            let NetworkStorages { parameters, gradients, first_moment, .. } = of;
            all.extend([parameters, gradients, first_moment, of.second_moment, of.statistics]);
        }
        let names = self.training.graph.storages();
        debug_assert_eq!(all.len(), names.len(), "every storage is listed");
        all.into_iter().map(|storage| (names[storage.index()].name.clone(), storage)).collect()
    }

    /// The words of every storage, by its name.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn words(&self) -> Result<BTreeMap<String, Vec<u32>>, DeviceError> {
        let mut words = BTreeMap::new();
        for (name, storage) in self.storages() {
            let values = self.plan.read_storage(storage).await?;
            words.insert(name, values.into_iter().map(f32::to_bits).collect());
        }
        Ok(words)
    }

    /// Adam's are those of the step; the average's rate is one at which old and new both count.
    fn scalars_of(&self, step: u32) -> Vec<(ScalarId, u32)> {
        let hyper = &self.options.hyper_parameters;
        let t = f64::from(step + 1);
        let step_size = hyper.learning_rate / (1.0 - hyper.beta1.powf(t));
        let correction = 1.0 / (1.0 - hyper.beta2.powf(t)).sqrt();
        let of_step = self.training.scalars;
        vec![
            (scalars::SEED_LOW, self.options.seed as u32),
            (scalars::STEP, step),
            (of_step.adam_step_size_g, (step_size as f32).to_bits()),
            (of_step.adam_step_size_d, (step_size as f32).to_bits()),
            (of_step.adam_correction, (correction as f32).to_bits()),
            (of_step.average_rate, 0.25f32.to_bits()),
        ]
    }

    /// Hashed from their place and the step.
    fn pixels_of(&self, step: u32) -> Vec<u8> {
        let elements = self.training.graph.shape(self.training.pixels).elements() as u32;
        let hash = |place: u32| place.wrapping_mul(0x9e37_79b9) ^ step.wrapping_mul(0x85eb_ca6b);
        (0..elements).map(|place| (hash(place) >> 23) as u8).collect()
    }
}

/// What training begins with; no gradients.
fn first_numbers(
    training: &TrainingStep,
    options: &TrainOptions,
) -> Result<Vec<(StorageId, Vec<f32>)>, StateError> {
    let TrainState { generator, discriminator, average, .. } = TrainState::new(options.clone())?;
    let of_network = |of: NetworkStorages, state: NetworkState| {
        [
            (of.parameters, state.parameters),
            (of.first_moment, state.first_moment),
            (of.second_moment, state.second_moment),
            (of.statistics, state.statistics),
        ]
    };
    let mut numbers = vec![
        (training.average.parameters, average.parameters),
        (training.average.statistics, average.statistics),
    ];
    numbers.extend(of_network(training.generator, generator));
    numbers.extend(of_network(training.discriminator, discriminator));
    Ok(numbers)
}

/// A training step in f64.
pub struct Reference {
    /// Its tensors and storages.
    pub interpreter: Interpreter<f64>,
}

impl Reference {
    /// Runs a step, counted from 0.
    ///
    /// # Errors
    /// If the graph reads an input that is not one of the step's.
    pub fn run(&mut self, of: &Step, step: u32) -> Result<(), cpu_reference::InterpretError> {
        for (scalar, bits) in of.scalars_of(step) {
            self.interpreter.set_scalar(scalar, bits);
        }
        self.interpreter.write_input(of.training.pixels, Values::U8(of.pixels_of(step)));
        self.interpreter.run(&of.training.phases())
    }
}

/// The options of a preset's tests.
pub fn options(preset: Preset, channels: usize, batch: usize, seed: u64) -> TrainOptions {
    TrainOptions { batch, seed, ..TrainOptions::new(preset, channels) }
}
