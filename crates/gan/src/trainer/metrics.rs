//! Losses and probabilities: averages over some steps, read while later ones run.

use super::TrainError;
use crate::{compiled_step::MetricsReading, health::Signals, step::Metric};
use serde::{Deserialize, Serialize};

/// Averages over the steps since they were last asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// How many steps that is.
    pub steps: u64,
    /// The discriminator's loss.
    pub loss_d: f64,
    /// The generator's loss.
    pub loss_g: f64,
    /// The mean probability that the discriminator gave reals to be real.
    pub d_real: f64,
    /// The mean probability that it gave fakes, before its update.
    pub d_fake: f64,
}

impl Metrics {
    /// What was summed up in f32 on the device, exactly: an f64 has bits to spare for a division
    /// and its undoing.
    pub(super) fn sums(&self) -> [f32; Metric::ALL.len()] {
        [self.loss_d, self.loss_g, self.d_real, self.d_fake]
            .map(|average| (average * self.steps as f64) as f32)
    }
}

/// [`Metrics`] on their way from the device.
#[must_use = "the steps that they are of are not counted again"]
pub struct PendingMetrics {
    pub(super) reading: MetricsReading,
    /// The steps done before the first that is counted.
    pub(super) after: u64,
    /// The steps done with the last that is counted.
    pub(super) step: u64,
}

impl PendingMetrics {
    /// The averages, as soon as the steps that they are of are done.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`] if one of them is not finite; [`TrainError::Executor`] if the
    /// device fails.
    pub async fn get(self) -> Result<Metrics, TrainError> {
        Ok(self.observe().await?.0)
    }

    /// The averages, and what was seen of the last of their steps.
    ///
    /// # Errors
    /// As [`PendingMetrics::get`]; a norm of gradients that is not finite is an error too.
    pub async fn observe(self) -> Result<(Metrics, Signals), TrainError> {
        let Self { reading, after, step } = self;
        let (sums, signals) = reading.get().await?;
        let losses = Metric::ALL.map(Metric::name).into_iter().zip(sums.map(f64::from));
        let norms = [("grad_norm_d", signals.grad_norm_d), ("grad_norm_g", signals.grad_norm_g)];
        if let Some((number, _)) = losses.chain(norms).find(|(_, value)| !value.is_finite()) {
            return Err(TrainError::NotFinite { number: number.to_owned(), after, step });
        }
        let steps = step - after;
        let [loss_d, loss_g, d_real, d_fake] = sums.map(|sum| f64::from(sum) / steps as f64);
        Ok((Metrics { steps, loss_d, loss_g, d_real, d_fake }, signals))
    }
}
