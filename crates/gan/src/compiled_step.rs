//! A training step on a device, with its storage: what a trainer repeats and a trace does once.

use crate::{
    executor::{Device, Executor, ExecutorError, Reading},
    health::Signals,
    networks::Networks,
    options::{AdamScalars, TrainOptions},
    state::{AverageState, NetworkState, StateError, TrainState, parts},
    step::{METRICS_ELEMENTS, Metric, NetworkStorages, TrainingStep, Watch},
    trainer::TrainError,
    variants::ChosenVariants,
};
use graph::{StorageId, scalars};

/// A training step, ready to run.
pub(crate) struct CompiledStep {
    pub(crate) options: TrainOptions,
    pub(crate) networks: Networks,
    pub(crate) step: TrainingStep,
    pub(crate) executor: Executor,
    watch: Watch,
    variants: Option<ChosenVariants>,
}

/// What a step may leave readable beside its storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Nothing: least memory, most fusion.
    Storage,
    /// What [`TrainingStep::keep_activations`] says.
    Activations,
}

/// Metrics on their way from the device.
pub(crate) struct MetricsReading {
    reading: Reading,
    watch: Watch,
    /// Of the last step.
    adam: AdamScalars,
}

impl MetricsReading {
    /// The sum of each of [`Metric::ALL`] between when they were last cleared and when the reading
    /// began, and what was seen of the last step.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) async fn get(self) -> Result<([f32; Metric::ALL.len()], Signals), ExecutorError> {
        let elements = self.reading.reals().await?;
        Ok((sums_in(&elements), Signals::new(&self.watch, &elements, self.adam)))
    }
}

/// The sum of each of [`Metric::ALL`] in their storage, or in a copy of it.
fn sums_in(elements: &[f32]) -> [f32; Metric::ALL.len()] {
    Metric::ALL.map(|metric| elements.get(metric.offset()).copied().unwrap_or(f32::NAN))
}

impl CompiledStep {
    /// Prepares a device to go on from a state.
    ///
    /// # Errors
    /// If the options are out of range, the state does not fit them, or the device cannot hold or
    /// run the step.
    pub(crate) async fn new(
        device: &Device,
        state: &TrainState,
        keep: Keep,
    ) -> Result<Self, TrainError> {
        let options = state.options.clone();
        options.check().map_err(StateError::from)?;
        let networks = state.networks()?;
        let mut step = TrainingStep::new(&networks, &options)?;
        if keep == Keep::Activations {
            step.keep_activations();
        }
        let watch = step.watch(options.hyper_parameters.epsilon)?;
        let mut executor =
            device.compile_with(step.graph.clone(), state.choices_on(device)).await?;
        executor.set_scalar_u32(scalars::FIRST_SAMPLE, 0);
        let variants = state.variants.clone();
        let mut compiled = Self { options, networks, step, executor, watch, variants };
        compiled.write(state)?;
        Ok(compiled)
    }

    /// Replaces every storage by a state's numbers, takes over its seed and learning rates, and clears
    /// the metrics.
    ///
    /// # Errors
    /// [`TrainError::OtherNetworks`] if the state is one of other networks.
    pub(crate) fn write(&mut self, state: &TrainState) -> Result<(), TrainError> {
        let TrainingStep { generator, discriminator, average, .. } = self.step;
        let mut writes: Vec<(StorageId, &[f32])> = vec![
            (average.parameters, &state.average.parameters),
            (average.statistics, &state.average.statistics),
        ];
        for (storages, network) in
            [(generator, &state.generator), (discriminator, &state.discriminator)]
        {
            writes.extend([
                (storages.parameters, &network.parameters[..]),
                (storages.first_moment, &network.first_moment),
                (storages.second_moment, &network.second_moment),
                (storages.statistics, &network.statistics),
            ]);
        }
        self.check_lengths(state)?;
        let TrainOptions { seed, hyper_parameters, .. } = &state.options;
        self.options.seed = *seed;
        self.options.hyper_parameters.take_rates(hyper_parameters);
        self.executor.set_scalar_u32(scalars::SEED_LOW, *seed as u32);
        self.executor.set_scalar_u32(scalars::SEED_HIGH, (*seed >> 32) as u32);
        for (storage, values) in writes {
            self.executor.write_storage(storage, values);
        }
        self.clear_metrics();
        Ok(())
    }

    /// One step on a batch of 8-bit images `[N, H, W, C]`, after so many steps and images. The
    /// device may still be at work when this returns.
    ///
    /// # Errors
    /// [`TrainError::Pixels`] if the batch has another size; [`TrainError::Executor`] if the
    /// device fails.
    pub(crate) async fn run(
        &mut self,
        steps_done: u64,
        images_seen: u64,
        pixels: &[u8],
    ) -> Result<(), TrainError> {
        let shape = self.step.graph.shape(self.step.pixels);
        if pixels.len() != shape.elements() {
            let (needed, shape) = (shape.elements(), shape.clone());
            return Err(TrainError::Pixels { needed, shape, found: pixels.len() });
        }
        let adam = self.options.adam_scalars(steps_done);
        let average_rate = self.options.average_rate(images_seen);
        let of_step = self.step.scalars;
        self.executor.set_scalar_f32(of_step.adam_step_size_g, adam.step_size_g);
        self.executor.set_scalar_f32(of_step.adam_step_size_d, adam.step_size_d);
        self.executor.set_scalar_f32(of_step.adam_correction, adam.correction);
        self.executor.set_scalar_f32(of_step.average_rate, average_rate);
        self.executor.set_scalar_u32(scalars::STEP, steps_done as u32);
        self.executor.write_pixels(self.step.pixels, pixels);
        Ok(self.executor.run(&self.step.phases()).await?)
    }

    /// Begins to read the metrics after so many steps, and looks at the last of them.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) async fn begin_metrics(
        &mut self,
        steps: u64,
    ) -> Result<MetricsReading, ExecutorError> {
        self.executor.run(&[self.watch.phase]).await?;
        let reading = self.executor.begin_read_storage(self.watch.storage).await?;
        let adam = self.options.adam_scalars(steps.saturating_sub(1));
        Ok(MetricsReading { reading, watch: self.watch, adam })
    }

    /// The sum of each of [`Metric::ALL`]. Waits for the device.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) async fn sums(&self) -> Result<[f32; Metric::ALL.len()], ExecutorError> {
        Ok(sums_in(&self.executor.read_storage(self.step.metrics).await?))
    }

    /// Sets every metric to 0.
    pub(crate) fn clear_metrics(&mut self) {
        self.write_metrics([0.0; Metric::ALL.len()]);
    }

    /// Sets the sum of each of [`Metric::ALL`].
    pub(crate) fn write_metrics(&mut self, sums: [f32; Metric::ALL.len()]) {
        let mut elements = [0.0; METRICS_ELEMENTS];
        for (metric, sum) in Metric::ALL.into_iter().zip(sums) {
            elements[metric.offset()] = sum;
        }
        self.executor.write_storage(self.step.metrics, &elements);
    }

    /// The numbers after so many steps and images, finite or not. Waits for the device.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) async fn state(&self, step: u64, images: u64) -> Result<TrainState, ExecutorError> {
        Ok(TrainState {
            options: self.options.clone(),
            step,
            images,
            generator: self.read(self.step.generator).await?,
            discriminator: self.read(self.step.discriminator).await?,
            average: self.average().await?,
            variants: self.variants.clone(),
            unlogged: None,
        })
    }

    /// The generator's average. Waits for the device.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) async fn average(&self) -> Result<AverageState, ExecutorError> {
        let storages = self.step.average;
        Ok(AverageState {
            parameters: self.executor.read_storage(storages.parameters).await?,
            statistics: self.executor.read_storage(storages.statistics).await?,
        })
    }

    async fn read(&self, storages: NetworkStorages) -> Result<NetworkState, ExecutorError> {
        Ok(NetworkState {
            parameters: self.executor.read_storage(storages.parameters).await?,
            first_moment: self.executor.read_storage(storages.first_moment).await?,
            second_moment: self.executor.read_storage(storages.second_moment).await?,
            statistics: self.executor.read_storage(storages.statistics).await?,
        })
    }

    fn check_lengths(&self, state: &TrainState) -> Result<(), TrainError> {
        for (part, values) in parts(&self.networks).iter().zip(state.lists()) {
            let (found, needed) = (values.len(), part.layout.elements());
            if found != needed {
                return Err(TrainError::OtherNetworks { part: part.prefix, found, needed });
            }
        }
        Ok(())
    }
}
