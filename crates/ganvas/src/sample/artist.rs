//! A generator that is ready to draw.

use crate::{args::SampleArguments, device_choice::ChosenDevice, trained::Trained};
use gan::{
    networks::SampleShape,
    sampling::{Latents, Sampler, truncate},
    trainer::TrainError,
};

/// Draws pictures of latent vectors with a run's generator.
pub(super) struct Artist {
    sampler: Sampler,
    truncation: f32,
    source: String,
}

impl Artist {
    pub(super) async fn open(arguments: &SampleArguments) -> anyhow::Result<Self> {
        let Trained { path, state } = Trained::open(&arguments.run)?;
        let device = ChosenDevice::open(&arguments.device).await?;
        let sampler = Sampler::new(&device.device, &state).await?;
        let truncation = arguments.truncation.unwrap_or(1.0);
        let truncated = match arguments.truncation {
            Some(psi) => format!(", truncated by {psi}"),
            None => String::new(),
        };
        let (path, step, device) = (path.display(), state.step, device.name);
        let source = format!("{path} (step {step}) on {device}{truncated}");
        Ok(Self { sampler, truncation, source })
    }

    /// What draws, in words.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Height, width and channels of a picture.
    pub(super) fn shape(&self) -> [usize; 3] {
        let SampleShape { height, width, channels, .. } = self.sampler.image();
        [height, width, channels]
    }

    /// 8-bit pixels `[N, H, W, C]`.
    pub(super) async fn pictures(&mut self, latents: &[Latents]) -> Result<Vec<u8>, TrainError> {
        let latents: Vec<f32> =
            latents.iter().flat_map(|latents| truncate(latents, self.truncation)).collect();
        self.sampler.pictures(&latents).await
    }
}
