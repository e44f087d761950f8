//! What is measured: a generator's pictures, or images from anywhere.

use super::{DRAWN_AT_A_TIME, args::MetricsArguments, preparation_of};
use crate::{
    device_choice::ChosenDevice, exit::UsageError, run_directory::RunDirectory, train::load_source,
    trained::Trained,
};
use ::metrics::{Features, Reference, Report};
use gan::{
    data::{Dataset, Preparation},
    sampling::{Sampler, latents},
};

/// What is measured.
pub(super) enum Subject {
    Generator(Box<Trained>),
    Images { source: String, data: Dataset },
}

impl Subject {
    /// A folder that is no run, and a file that is no safetensors, hold images.
    pub(super) fn open(arguments: &MetricsArguments) -> anyhow::Result<Self> {
        let path = &arguments.subject;
        let is_run = path.join("options.json").is_file() || !path.exists();
        let is_weights = path.extension().is_some_and(|ending| ending == "safetensors");
        if is_run || is_weights {
            return Ok(Self::Generator(Box::new(Trained::open(path)?)));
        }
        let source = path.to_string_lossy().into_owned();
        let Some(against) = &arguments.against else {
            let problem = "--against names the real images that they are compared with";
            return Err(UsageError(format!("{source} holds images; {problem}")).into());
        };
        // Brought to the real ones' size.
        let reals = load_source(against, &Preparation::default())?;
        let shape = [reals.height, reals.width, reals.channels];
        let data = load_source(&source, &preparation_of(shape))?;
        Ok(Self::Images { source, data })
    }

    /// Where the real images are, and how they are prepared.
    pub(super) fn reals(
        &self,
        arguments: &MetricsArguments,
    ) -> anyhow::Result<(String, Preparation)> {
        match (self, &arguments.against) {
            (Self::Generator(_), Some(source)) => {
                Ok((source.clone(), preparation_of(self.shape())))
            }
            (Self::Generator(trained), None) => {
                let run = RunDirectory::of_checkpoint(&trained.path).map_err(|error| {
                    let path = trained.path.display();
                    UsageError(format!(
                        "--against names the real images, as {path} is of no run that says what it \
                         learned from ({error})"
                    ))
                })?;
                let record = run.read_record()?;
                Ok((record.data.source.clone(), record.preparation()))
            }
            (Self::Images { .. }, against) => {
                let source = against.clone().unwrap_or_default();
                Ok((source, preparation_of(self.shape())))
            }
        }
    }

    /// Height, width and channels.
    pub(super) fn shape(&self) -> [usize; 3] {
        match self {
            Self::Images { data, .. } => [data.height, data.width, data.channels],
            Self::Generator(trained) => {
                let options = &trained.saved.state.options;
                let [height, width] = options.image_size();
                [height, width, options.channels]
            }
        }
    }

    /// In words.
    pub(super) fn describe(&self, arguments: &MetricsArguments) -> String {
        let images = arguments.images;
        match self {
            Self::Generator(trained) => {
                let (weights, last) = (arguments.weights.name(), images - 1);
                format!("{}, {weights} weights, seeds 0 to {last}", trained.name())
            }
            Self::Images { source, data } => {
                format!("{source}, {} images", data.count.min(images as usize))
            }
        }
    }

    /// Makes the images and measures them.
    pub(super) async fn measure(
        &mut self,
        arguments: &MetricsArguments,
        device: &ChosenDevice,
        reference: &mut Reference,
        on_progress: &mut dyn FnMut(usize, usize),
    ) -> anyhow::Result<Report> {
        let mut features = reference.extractor().none();
        match self {
            Self::Generator(trained) => {
                let state = trained.generator()?;
                let mut sampler = Sampler::new(&device.device, state).await?;
                sampler.load(state.generator_weights(arguments.weights));
                let images = reference.images();
                for seeds in pictures_of_seeds(images) {
                    let pixels = sampler.pictures(&seeds).await?;
                    add(reference, &mut features, &pixels).await?;
                    on_progress(features.count(), images);
                }
            }
            Self::Images { data, .. } => {
                let images = reference.images().min(data.count);
                for first in (0..images).step_by(DRAWN_AT_A_TIME) {
                    let mut pixels = Vec::new();
                    for index in first..images.min(first + DRAWN_AT_A_TIME) {
                        data.append_image(index, &mut pixels)?;
                    }
                    add(reference, &mut features, &pixels).await?;
                    on_progress(features.count(), images);
                }
            }
        }
        Ok(reference.measure(features).await?)
    }
}

/// The latent vectors of the first seeds, those of some pictures at a time.
pub(crate) fn pictures_of_seeds(images: usize) -> impl Iterator<Item = Vec<f32>> {
    (0..images).step_by(DRAWN_AT_A_TIME).map(move |first| {
        let end = images.min(first + DRAWN_AT_A_TIME);
        (first as u64..end as u64).flat_map(latents).collect()
    })
}

async fn add(
    reference: &mut Reference,
    features: &mut Features,
    pixels: &[u8],
) -> anyhow::Result<()> {
    features.append(reference.extractor().features(pixels).await?);
    Ok(())
}
