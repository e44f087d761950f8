//! The training loop's body: one step at a time, on any device.

mod metrics;
mod origin;

pub use metrics::{Metrics, PendingMetrics};
pub use origin::Origin;

use crate::{
    compiled_step::{CompiledStep, Keep},
    data::{DataError, Feed},
    executor::{Device, ExecutorError},
    networks::{NetworkError, Networks},
    options::TrainOptions,
    sampling::Sampler,
    state::{StateError, TrainState},
};
use graph::GraphError;

/// What can go wrong in training.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The preset has no networks for these images.
    #[error(transparent)]
    Networks(#[from] NetworkError),
    /// The options are out of range.
    #[error(transparent)]
    State(#[from] StateError),
    /// The step is no valid graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The device failed.
    #[error(transparent)]
    Executor(ExecutorError),
    /// The batch could not be had.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A batch of another size.
    #[error("a batch has {needed} bytes (N, H, W, C of {shape}), but {found} were given")]
    Pixels {
        /// Bytes of a batch.
        needed: usize,
        /// The batch's extents.
        shape: graph::Shape,
        /// Bytes given.
        found: usize,
    },
    /// Latent vectors of another size.
    #[error("latent vectors have 100 numbers each, but {found} numbers are no multiple of that")]
    Latents {
        /// Numbers given.
        found: usize,
    },
    /// A state of other networks.
    #[error("the state's {part} has {found} numbers, where the networks have {needed}")]
    OtherNetworks {
        /// Which list.
        part: &'static str,
        /// Numbers of the state.
        found: usize,
        /// Numbers of the networks.
        needed: usize,
    },
    /// Training has diverged.
    #[error("{number} is no longer finite, between steps {after} and {step}")]
    NotFinite {
        /// Which number, such as `loss_d` or `g.param.main.4.weight`.
        number: String,
        /// The last step at which the numbers were checked.
        after: u64,
        /// The step at which it was found.
        step: u64,
    },
}

/// A pair of networks in training.
pub struct Trainer {
    device: Device,
    compiled: CompiledStep,
    sampler: Sampler,
    steps_done: u64,
    images_seen: u64,
    /// The steps done when the metrics were last read.
    metrics_read_at: u64,
    /// The steps done when all numbers were last known to be finite.
    finite_at: u64,
}

impl Trainer {
    /// Prepares a device to go on from a state.
    ///
    /// # Errors
    /// If the options are out of range, or the device cannot hold or run the step.
    pub async fn new(device: &Device, state: &TrainState) -> Result<Self, TrainError> {
        Ok(Self {
            device: device.clone(),
            compiled: CompiledStep::new(device, state, Keep::Storage).await?,
            sampler: Sampler::new(device, state).await?,
            steps_done: state.step,
            images_seen: state.images,
            metrics_read_at: state.step,
            finite_at: state.step,
        })
    }

    /// What determines the run.
    pub fn options(&self) -> &TrainOptions {
        &self.compiled.options
    }

    /// The networks in training.
    pub fn networks(&self) -> &Networks {
        &self.compiled.networks
    }

    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.steps_done
    }

    /// Images seen.
    pub fn images(&self) -> u64 {
        self.images_seen
    }

    /// The bytes that the training step and the pictures' plan hold on the device.
    pub fn memory(&self) -> [tensor_ops::Memory; 2] {
        [self.compiled.executor.memory(), self.sampler.memory()]
    }

    /// One step on a batch of 8-bit images `[N, H, W, C]`. The device may still be at work when
    /// this returns.
    ///
    /// # Errors
    /// [`TrainError::Pixels`] if the batch has another size; [`TrainError::Executor`] if the
    /// device fails.
    pub async fn step(&mut self, pixels: &[u8]) -> Result<(), TrainError> {
        self.compiled.run(self.steps_done, self.images_seen, pixels).await?;
        self.steps_done += 1;
        self.images_seen += self.options().batch as u64;
        Ok(())
    }

    /// [`Trainer::step`] on the batch that a feed has for it.
    ///
    /// # Errors
    /// [`TrainError::Data`] if it has none; else as [`Trainer::step`].
    pub async fn step_from(&mut self, feed: &mut Feed) -> Result<(), TrainError> {
        let pixels = feed.batch(self.steps_done).await?;
        self.step(pixels).await
    }

    /// Averages over the steps since the last call; `None` if there was none. Waits for the
    /// device.
    ///
    /// # Errors
    /// As [`PendingMetrics::get`].
    pub async fn metrics(&mut self) -> Result<Option<Metrics>, TrainError> {
        match self.begin_metrics().await? {
            Some(pending) => Ok(Some(pending.get().await?)),
            None => Ok(None),
        }
    }

    /// [`Trainer::metrics`] without the wait: more steps may run before they are there.
    ///
    /// # Errors
    /// [`TrainError::Executor`] if the device fails.
    pub async fn begin_metrics(&mut self) -> Result<Option<PendingMetrics>, TrainError> {
        let pending = self.glance_at_metrics().await?;
        if pending.is_some() {
            self.compiled.clear_metrics();
            self.metrics_read_at = self.steps_done;
        }
        Ok(pending)
    }

    /// [`Trainer::begin_metrics`], but the same steps are counted again the next time.
    ///
    /// # Errors
    /// [`TrainError::Executor`] if the device fails.
    pub async fn glance_at_metrics(&mut self) -> Result<Option<PendingMetrics>, TrainError> {
        let (after, step) = (self.metrics_read_at, self.steps_done);
        if step == after {
            return Ok(None);
        }
        let reading = self.compiled.begin_metrics(step).await?;
        Ok(Some(PendingMetrics { reading, after, step }))
    }

    /// Counts steps that were done, and read, before the state that training goes on from, as if
    /// they had not been read: the next averages are over them too, to the same bits as without a
    /// stop.
    pub fn count_again(&mut self, metrics: &Metrics) {
        self.compiled.write_metrics(metrics.sums());
        self.metrics_read_at = self.steps_done.saturating_sub(metrics.steps);
    }

    /// All that has to be kept to go on. Waits for the device.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`] if a number is not finite, so that none such is kept.
    pub async fn state(&mut self) -> Result<TrainState, TrainError> {
        let state = self.compiled.state(self.steps_done, self.images_seen).await?;
        match state.not_finite(self.networks()) {
            Some(number) => {
                let (after, step) = (self.finite_at, self.steps_done);
                Err(TrainError::NotFinite { number, after, step })
            }
            None => {
                self.finite_at = self.steps_done;
                Ok(state)
            }
        }
    }

    /// Goes back, or on, to a state of the same networks, with its seed and learning rate.
    ///
    /// # Errors
    /// [`TrainError::OtherNetworks`] if it is one of others.
    pub fn restore(&mut self, state: &TrainState) -> Result<(), TrainError> {
        self.compiled.write(state)?;
        self.steps_done = state.step;
        self.images_seen = state.images;
        (self.metrics_read_at, self.finite_at) = (state.step, state.step);
        Ok(())
    }

    /// A sampler with the average of the generator's weights as it is now. Waits for the device.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn sampler(&mut self) -> Result<&mut Sampler, TrainError> {
        let average = self.compiled.average().await?;
        self.sampler.load(average.weights());
        Ok(&mut self.sampler)
    }

    /// Waits until every step is done.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn finish(&self) -> Result<(), TrainError> {
        Ok(self.compiled.executor.finish().await?)
    }
}

#[cfg(test)]
mod tests;
