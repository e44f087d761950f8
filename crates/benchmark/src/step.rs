//! A preset's training step, whole.

use gan::{
    networks::{NetworkError, Preset},
    options::{AdamScalars, TrainOptions},
    state::{StateError, TrainState},
    step::{NetworkStorages, TrainingStep},
};
use graph::{Graph, GraphError, Schedule, StorageId};
use tensor_ops::{DeviceError, Gpu, HostClock, Plan, PlanError, PlanOptions, Timed};

use crate::{
    stopwatch::{Measured, Stopwatch},
    work::Work,
};

/// A preset at a batch size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// The networks.
    pub preset: Preset,
    /// Images in a step.
    pub batch: usize,
}

/// A training step that cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The preset has no such networks.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The options do not fit them.
    #[error(transparent)]
    State(#[from] StateError),
    /// The step does not fit them.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The device cannot run it.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The device failed.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl Workload {
    /// What is measured where nothing else is asked for.
    pub const DEFAULT: [Self; 3] = [
        Self::usual(Preset::Dcgan28Small),
        Self::usual(Preset::Dcgan28),
        Self::usual(Preset::Dcgan64),
    ];

    /// A preset at the batch size that its figures are given for.
    pub const fn usual(preset: Preset) -> Self {
        let batch = match preset {
            Preset::Dcgan28 | Preset::Dcgan28Small => 64,
            Preset::Dcgan64 | Preset::Dcgan => 16,
        };
        Self { preset, batch }
    }

    /// The options of a training on its usual data: colour where the preset takes it.
    pub fn options(self) -> TrainOptions {
        let channels = if self.preset.takes_channels(3) { 3 } else { 1 };
        TrainOptions { batch: self.batch, ..TrainOptions::new(self.preset, channels) }
    }

    /// Its training step.
    ///
    /// # Errors
    /// If the networks do not fit the batch.
    pub fn step(self) -> Result<TrainingStep, StepError> {
        let options = self.options();
        let networks = options.networks()?;
        Ok(TrainingStep::new(&networks, &options)?)
    }
}

/// A training step on a device, as it is at the beginning of a training.
#[derive(Debug)]
pub struct CompiledStep {
    step: TrainingStep,
    plan: Plan,
}

impl CompiledStep {
    /// Makes the step ready for a device, with first weights and a batch of noise.
    ///
    /// # Errors
    /// If the step cannot be built, or the device cannot run it.
    pub async fn new(
        gpu: &Gpu,
        workload: Workload,
        options: PlanOptions,
    ) -> Result<Self, StepError> {
        let step = workload.step()?;
        let train = workload.options();
        let state = TrainState::new(train.clone())?;
        let mut plan = Plan::compile_with(gpu, &step.graph, options).await?;
        for (storage, values) in first_values(&step, &state) {
            plan.write_storage(storage, values);
        }
        let pixels = step.graph.ty(step.pixels);
        plan.write_input(step.pixels, &crate::numbers::Numbers::Spread.bytes(pixels));
        let AdamScalars { step_size_g, step_size_d, correction } = train.adam_scalars(0);
        for (scalar, value) in [
            (step.scalars.adam_step_size_g, step_size_g),
            (step.scalars.adam_step_size_d, step_size_d),
            (step.scalars.adam_correction, correction),
            (step.scalars.average_rate, train.average_rate(train.batch as u64)),
        ] {
            plan.set_scalar(scalar, value.to_bits());
        }
        Ok(Self { step, plan })
    }

    /// Its graph.
    pub fn graph(&self) -> &Graph {
        &self.step.graph
    }

    /// Dispatches of one step.
    pub fn dispatches(&self) -> usize {
        self.plan.dispatches(&self.step.phases())
    }

    /// What one step must do, kernel by kernel.
    pub fn work(&self) -> Work {
        let schedule = Schedule::new(&self.step.graph);
        Work::of_all(&self.step.graph, schedule.phases.iter().flatten())
    }

    /// How long one step takes.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn measure(&mut self, stopwatch: &Stopwatch) -> Result<Measured, DeviceError> {
        let clock = stopwatch.clock();
        stopwatch.measure(async |repetitions| self.time(repetitions, &clock).await).await
    }

    /// Runs the step several times in one submission.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn time(
        &mut self,
        repetitions: u32,
        clock: &HostClock,
    ) -> Result<Timed, DeviceError> {
        self.plan.time_phases(&self.step.phases(), repetitions, clock).await
    }

    /// Submits one step, and returns when two at most are under way.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn run(&mut self) -> Result<(), DeviceError> {
        self.plan.run(&self.step.phases()).await
    }

    /// Resolves when every step that was submitted is done.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn finish(&self) -> Result<(), DeviceError> {
        self.plan.finish().await
    }
}

fn first_values<'a>(
    step: &TrainingStep,
    state: &'a TrainState,
) -> impl Iterator<Item = (StorageId, &'a [f32])> {
    let networks = [(step.generator, &state.generator), (step.discriminator, &state.discriminator)];
    let of_networks = networks.into_iter().flat_map(|(storages, network)| {
        let NetworkStorages { parameters, first_moment, second_moment, statistics, .. } = storages;
        [
            (parameters, &network.parameters[..]),
            (first_moment, &network.first_moment),
            (second_moment, &network.second_moment),
            (statistics, &network.statistics),
        ]
    });
    of_networks.chain([
        (step.average.parameters, &state.average.parameters[..]),
        (step.average.statistics, &state.average.statistics),
    ])
}
