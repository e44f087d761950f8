//! What determines a training run, beside its data.

use crate::networks::{DEFAULT_WIDTH, Dcgan, NetworkError, Networks, Preset};
use serde::{Deserialize, Serialize};

/// The most images in a batch.
pub const BATCH_AT_MOST: usize = 65_536;

/// What determines a training run, beside its data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainOptions {
    /// The networks.
    pub preset: Preset,
    /// The images' height and width; `None` for the preset's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<[usize; 2]>,
    /// The images' channels.
    pub channels: usize,
    /// The networks' base width; `None` for the preset's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// Images in a batch.
    pub batch: usize,
    /// Of every random draw.
    pub seed: u64,
    /// Of the optimiser and the average.
    pub hyper_parameters: HyperParameters,
}

/// Adam's (Kingma & Ba 2015) and the average's numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HyperParameters {
    /// Adam's learning rate for the generator.
    pub learning_rate: f64,
    /// The discriminator's learning rate over the generator's (Heusel et al. 2017).
    #[serde(default = "alike", skip_serializing_if = "are_alike")]
    pub discriminator_ratio: f64,
    /// The decay of Adam's first moment.
    pub beta1: f64,
    /// The decay of Adam's second moment.
    pub beta2: f64,
    /// Added to Adam's denominator.
    pub epsilon: f64,
    /// In how many images an old weight's share of the average halves.
    pub average_half_life: f64,
    /// The half-life's greatest share of the images seen, so that the average follows at first.
    pub average_warm_up: f64,
}

fn alike() -> f64 {
    1.0
}

fn are_alike(ratio: &f64) -> bool {
    *ratio == alike()
}

impl Default for HyperParameters {
    /// Those of Radford et al. 2015, and an average with a half-life of 10,000 images.
    fn default() -> Self {
        Self {
            learning_rate: 2e-4,
            discriminator_ratio: alike(),
            beta1: 0.5,
            beta2: 0.999,
            epsilon: 1e-8,
            average_half_life: 10_000.0,
            average_warm_up: 0.05,
        }
    }
}

impl HyperParameters {
    /// Takes over what may change between the steps of a run.
    pub fn take_rates(&mut self, of: &Self) {
        self.learning_rate = of.learning_rate;
        self.discriminator_ratio = of.discriminator_ratio;
    }
}

/// Adam's numbers at step t, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamScalars {
    /// The generator's learning rate / (1 - β1ᵗ).
    pub step_size_g: f32,
    /// The discriminator's learning rate / (1 - β1ᵗ).
    pub step_size_d: f32,
    /// 1 / √(1 - β2ᵗ).
    pub correction: f32,
}

/// An option out of its range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{option} is {value}, but must be {range}")]
pub struct OptionsError {
    /// The option's name.
    pub option: &'static str,
    /// Its value.
    pub value: String,
    /// The values allowed.
    pub range: &'static str,
}

impl TrainOptions {
    /// A preset's options at its own size and width, for images of so many channels.
    pub fn new(preset: Preset, channels: usize) -> Self {
        let hyper_parameters = HyperParameters::default();
        Self { preset, size: None, channels, width: None, batch: 64, seed: 0, hyper_parameters }
    }

    /// The networks to train.
    ///
    /// # Errors
    /// If the preset has none of the options' size, channels and width.
    pub fn networks(&self) -> Result<Networks, NetworkError> {
        let Self { preset, size, channels, width, .. } = *self;
        match (preset, size, width) {
            (_, None, None) => Networks::new(preset, channels),
            (Preset::Dcgan, ..) => {
                let size = size.unwrap_or(preset.image_size());
                Dcgan { size, channels, width: width.unwrap_or(DEFAULT_WIDTH) }.networks()
            }
            _ => Err(NetworkError::Fixed { preset }),
        }
    }

    /// A short name for the networks, fit for a folder's name: `dcgan64`, or `dcgan-96x48` for images
    /// 96 wide and 48 high.
    pub fn label(&self) -> String {
        match self.size {
            Some([height, width]) => format!("{}-{width}x{height}", self.preset),
            None => self.preset.to_string(),
        }
    }

    /// The height and width of the images.
    pub fn image_size(&self) -> [usize; 2] {
        self.size.unwrap_or(self.preset.image_size())
    }

    /// Whether every number is in its range. Size, channels and width are checked with the networks.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self) -> Result<(), OptionsError> {
        let need = |option, value: &dyn ToString, holds: bool, range| match holds {
            true => Ok(()),
            false => Err(OptionsError { option, value: value.to_string(), range }),
        };
        let HyperParameters {
            learning_rate,
            discriminator_ratio,
            beta1,
            beta2,
            epsilon,
            average_half_life,
            average_warm_up,
        } = self.hyper_parameters;
        let batch = (2..=BATCH_AT_MOST).contains(&self.batch);
        need("batch", &self.batch, batch, "from 2 to 65,536")?;
        let rate = learning_rate.is_finite() && learning_rate >= 0.0;
        need("learning_rate", &learning_rate, rate, "finite and at least 0")?;
        let ratio = discriminator_ratio.is_finite() && discriminator_ratio >= 0.0;
        need("discriminator_ratio", &discriminator_ratio, ratio, "finite and at least 0")?;
        for (option, beta) in [("beta1", beta1), ("beta2", beta2)] {
            need(option, &beta, (0.0..1.0).contains(&beta), "at least 0 and below 1")?;
        }
        let positive = epsilon.is_finite() && epsilon as f32 > 0.0;
        need("epsilon", &epsilon, positive, "a positive f32")?;
        let half_life = average_half_life.is_finite() && average_half_life >= 0.0;
        need("average_half_life", &average_half_life, half_life, "finite and at least 0")?;
        let warm_up = average_warm_up.is_finite() && average_warm_up >= 0.0;
        need("average_warm_up", &average_warm_up, warm_up, "finite and at least 0")
    }

    /// Adam's numbers at a step, counted from 0.
    pub fn adam_scalars(&self, step: u64) -> AdamScalars {
        let HyperParameters { learning_rate, discriminator_ratio, beta1, beta2, .. } =
            self.hyper_parameters;
        let t = (step + 1) as f64;
        let step_size = learning_rate / (1.0 - beta1.powf(t));
        AdamScalars {
            step_size_g: step_size as f32,
            step_size_d: (step_size * discriminator_ratio) as f32,
            correction: (1.0 / (1.0 - beta2.powf(t)).sqrt()) as f32,
        }
    }

    /// The share of the new weights in the average, after so many images (Karras et al. 2020):
    /// 1 - 0.5^(batch / half-life), with the half-life at most a share of the images seen.
    pub fn average_rate(&self, images_seen: u64) -> f32 {
        let HyperParameters { average_half_life, average_warm_up, .. } = self.hyper_parameters;
        let half_life = average_half_life.min(average_warm_up * images_seen as f64);
        (1.0 - 0.5f64.powf(self.batch as f64 / half_life.max(1e-8))) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_by_hand() {
        let mut options = TrainOptions::new(Preset::Dcgan28, 1);
        let AdamScalars { step_size_g, step_size_d, correction } = options.adam_scalars(0);
        assert!((step_size_g - 4e-4).abs() < 1e-10, "{step_size_g}");
        assert_eq!(step_size_d.to_bits(), step_size_g.to_bits());
        options.hyper_parameters.discriminator_ratio = 0.25;
        assert!((options.adam_scalars(0).step_size_d - 1e-4).abs() < 1e-10);
        assert_eq!(options.adam_scalars(0).step_size_g, step_size_g);
        assert!((correction - 31.622_777).abs() < 1e-3, "{correction}");
        // The first average is the weights themselves.
        assert_eq!(options.average_rate(0), 1.0);
        // 6,400 images: a half-life of 320, five batches.
        assert!((options.average_rate(6_400) - (1.0 - 0.5f32.powf(0.2))).abs() < 1e-6);
        // From 200,000 images the half-life is 10,000.
        let late = 1.0 - 0.5f32.powf(64.0 / 10_000.0);
        assert!((options.average_rate(1_000_000) - late).abs() < 1e-6);
    }

    #[test]
    fn only_dcgan_takes_sizes_and_widths() {
        let of = |preset| TrainOptions::new(preset, 3);
        let sized = TrainOptions { size: Some([48, 96]), width: Some(8), ..of(Preset::Dcgan) };
        let image = sized.networks().unwrap().image();
        assert_eq!([image.height, image.width], [48, 96]);
        assert_eq!(
            (sized.label(), of(Preset::Dcgan64).label()),
            ("dcgan-96x48".into(), "dcgan64".into())
        );
        assert_eq!(of(Preset::Dcgan).networks(), of(Preset::Dcgan64).networks());
        let fixed = TrainOptions { preset: Preset::Dcgan64, ..sized };
        let error = fixed.networks().unwrap_err().to_string();
        assert!(error.starts_with("preset dcgan64 has a size and a width of its own"), "{error}");
    }

    #[test]
    fn out_of_range() {
        let good = TrainOptions::new(Preset::Dcgan28, 1);
        assert_eq!(good.check(), Ok(()));
        for batch in [0, 1, BATCH_AT_MOST + 1] {
            let error = TrainOptions { batch, ..good.clone() }.check().unwrap_err();
            assert_eq!(error.option, "batch");
        }
        let mut bad = good;
        bad.hyper_parameters.beta2 = f64::NAN;
        assert_eq!(bad.check().unwrap_err().option, "beta2");
    }
}
