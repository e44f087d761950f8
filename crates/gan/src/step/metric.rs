//! The numbers that tell how training goes.

use crate::parameters::ALIGNMENT;

/// A number that sums up over steps, and its place in the metrics' storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// The discriminator's loss.
    LossD,
    /// The generator's loss.
    LossG,
    /// Mean sigmoid(D(real)).
    DReal,
    /// Mean sigmoid(D(fake)) before the discriminator's update.
    DFake,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 4] = [Self::LossD, Self::LossG, Self::DReal, Self::DFake];

    /// Its name in logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::LossD => "loss_d",
            Self::LossG => "loss_g",
            Self::DReal => "d_real",
            Self::DFake => "d_fake",
        }
    }

    /// Its element in [`TrainingStep::metrics`](super::TrainingStep::metrics).
    pub fn offset(self) -> usize {
        self as usize * ALIGNMENT
    }
}

/// Elements of [`TrainingStep::metrics`](super::TrainingStep::metrics).
pub const METRICS_ELEMENTS: usize = Metric::ALL.len() * ALIGNMENT;
