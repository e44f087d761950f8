//! A generator that is ready to draw.

use super::Nearest;
use crate::{args::SampleArguments, device_choice::ChosenDevice, trained::Trained};
use gan::{
    networks::SampleShape,
    sampling::{Latents, Sampler, truncate},
    trainer::TrainError,
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Draws pictures of latent vectors with a run's generator.
pub(super) struct Artist {
    sampler: Sampler,
    truncation: f32,
    source: String,
    checkpoint: PathBuf,
    step: Option<u64>,
    device: String,
}

/// The JSON.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    /// Files, or the folder of a film's frames.
    files: Vec<&'a Path>,
    pictures: usize,
    checkpoint: &'a Path,
    /// Where the file says it.
    step: Option<u64>,
    device: &'a str,
    truncation: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<&'a [Nearest]>,
}

impl Artist {
    pub(super) async fn open(arguments: &SampleArguments) -> anyhow::Result<Self> {
        let trained = Trained::open(&arguments.run)?;
        let state = trained.generator()?;
        let device = ChosenDevice::open(&arguments.device).await?;
        let sampler = Sampler::new(&device.device, state).await?;
        let truncation = arguments.truncation.unwrap_or(1.0);
        let truncated = match arguments.truncation {
            Some(psi) => format!(", truncated by {psi}"),
            None => String::new(),
        };
        let (step, device) = (trained.saved.origin.step, device.name);
        let source = format!("{} on {device}{truncated}", trained.name());
        Ok(Self { sampler, truncation, source, checkpoint: trained.path, step, device })
    }

    /// The file that it was read from.
    pub(super) fn checkpoint(&self) -> &Path {
        &self.checkpoint
    }

    /// What draws, in words.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// What a program reads of pictures in these files.
    pub(super) fn answer<'a>(
        &'a self,
        files: Vec<&'a Path>,
        pictures: usize,
        nearest: Option<&'a [Nearest]>,
    ) -> Answer<'a> {
        let Self { checkpoint, step, device, truncation, .. } = self;
        let (step, truncation) = (*step, *truncation);
        Answer { files, pictures, checkpoint, step, device, truncation, nearest }
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
