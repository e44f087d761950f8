//! What is measured: a generator's pictures, or images from anywhere.

use super::{DRAWN_AT_A_TIME, args::MetricsArguments, preparation_of};
use crate::{
    device_choice::ChosenDevice, exit::UsageError, run_directory::RunDirectory, train::load_source,
    trained::Trained,
};
use ::metrics::{Features, Reference};
use gan::{
    data::{Dataset, Permutation, Preparation},
    sampling::{Sampler, latents},
    streams,
};

/// The real images.
pub(super) struct Reals {
    pub(super) source: String,
    pub(super) preparation: Preparation,
    pub(super) data: Dataset,
}

impl Reals {
    /// Those that a generator's pictures are compared with: what it learned from, if no others are
    /// named.
    fn of_generator(trained: &Trained, against: Option<&String>) -> anyhow::Result<Self> {
        if let Some(source) = against {
            return Self::load(source.clone(), preparation_of(shape_of(trained)));
        }
        let run = RunDirectory::of_checkpoint(&trained.path).map_err(|error| {
            let path = trained.path.display();
            UsageError(format!(
                "--against names the real images, as {path} is of no run that says what it learned \
                 from ({error})"
            ))
        })?;
        let record = run.read_record()?;
        Self::load(record.data.source.clone(), record.preparation())
    }

    fn load(source: String, preparation: Preparation) -> anyhow::Result<Self> {
        let data = load_source(&source, &preparation)?;
        Ok(Self { source, preparation, data })
    }
}

/// What is measured.
pub(super) enum Subject {
    Generator(Box<Trained>),
    Images { source: String, data: Dataset },
}

impl Subject {
    /// What the arguments name, and what it is compared with. A folder that is no run, and a file that
    /// is no safetensors, hold images.
    pub(super) fn open(arguments: &MetricsArguments) -> anyhow::Result<(Self, Reals)> {
        let path = &arguments.subject;
        let is_run = path.join("options.json").is_file() || !path.exists();
        let is_weights = path.extension().is_some_and(|ending| ending == "safetensors");
        if is_run || is_weights {
            let trained = Box::new(Trained::open(path)?);
            let reals = Reals::of_generator(&trained, arguments.against.as_ref())?;
            return Ok((Self::Generator(trained), reals));
        }
        let source = path.to_string_lossy().into_owned();
        let Some(against) = &arguments.against else {
            let problem = "--against names the real images that they are compared with";
            return Err(UsageError(format!("{source} holds images; {problem}")).into());
        };
        let mut reals = Reals::load(against.clone(), Preparation::default())?;
        let Dataset { height, width, channels, .. } = reals.data;
        reals.preparation = preparation_of([height, width, channels]);
        // Brought to the real ones' size.
        let data = load_source(&source, &reals.preparation)?;
        Ok((Self::Images { source, data }, reals))
    }

    /// Height, width and channels.
    pub(super) fn shape(&self) -> [usize; 3] {
        match self {
            Self::Images { data, .. } => [data.height, data.width, data.channels],
            Self::Generator(trained) => shape_of(trained),
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

    /// Makes the images and looks at them.
    pub(super) async fn features(
        &mut self,
        arguments: &MetricsArguments,
        device: &ChosenDevice,
        reference: &mut Reference,
        on_progress: &mut dyn FnMut(usize, usize),
    ) -> anyhow::Result<Features> {
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
                // Folders of classes lie one behind the other.
                let count = u32::try_from(data.count).unwrap_or(u32::MAX);
                let order = Permutation::new(count, 0, 0, streams::MEASURED_IMAGES);
                for first in (0..images).step_by(DRAWN_AT_A_TIME) {
                    let mut pixels = Vec::new();
                    for place in first..images.min(first + DRAWN_AT_A_TIME) {
                        data.append_image(order.at(place as u32) as usize, &mut pixels)?;
                    }
                    add(reference, &mut features, &pixels).await?;
                    on_progress(features.count(), images);
                }
            }
        }
        Ok(features)
    }
}

/// The height, width and channels of what a generator draws.
fn shape_of(trained: &Trained) -> [usize; 3] {
    let options = &trained.saved.state.options;
    let [height, width] = options.image_size();
    [height, width, options.channels]
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
