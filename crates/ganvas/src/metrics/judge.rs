//! The network by whose features images are compared.

use crate::{
    device_choice::ChosenDevice,
    exit::{InputError, UsageError},
    output::say,
    run_directory::read_tensors,
    tuning_cache::cache_folder,
};
use ::metrics::{
    FeatureNetwork, MetricKind, MetricList, MetricsError, Origin, Trained,
    training::{Labelled, Schedule, train},
};
use gan::{
    data::{BadFiles, Dataset, Labels, Preparation, labels},
    files::write_atomic,
    networks::SampleShape,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The seed of networks that are not trained.
const RANDOM_SEED: u64 = 0;

/// A network, and where it is from.
pub(crate) struct Judge {
    pub(crate) network: FeatureNetwork,
    from: From,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    Bundled,
    File(PathBuf),
    /// Trained just now and not kept.
    Now,
    Seed,
}

impl Judge {
    /// Whether it can tell what is asked for.
    pub(crate) fn check(&self, asked: &MetricList) -> Result<(), UsageError> {
        let needs = match asked.0[..] {
            [] => "nothing is asked for; name scores, such as --metrics fd,kid",
            [MetricKind::Modes] if self.network.classes().is_empty() => {
                "modes are counted in classes, and these features have none; images with labels, or a \
                 file of `ganvas classifier`, have"
            }
            _ => return Ok(()),
        };
        Err(UsageError(format!("--metrics {asked}: {needs}")))
    }
}

/// The network that `--classifier` names for these images.
pub(crate) async fn judge(
    choice: &str,
    source: &str,
    data: &Dataset,
    preparation: &Preparation,
    device: &ChosenDevice,
) -> anyhow::Result<Judge> {
    let image = SampleShape::image(data.channels, data.height, data.width);
    let judge = match choice {
        "auto" => automatic(source, data, preparation, device).await?,
        "digits" => Judge { network: FeatureNetwork::digits()?, from: From::Bundled },
        "random" => random(image)?,
        file => {
            let path = Path::new(file);
            Judge { network: read(path)?, from: From::File(path.to_owned()) }
        }
    };
    match judge.network.network().input() == image {
        true => Ok(judge),
        false => Err(UsageError(format!(
            "--classifier {choice} is for images {} (CxHxW), but the real ones are {image}; \
             `--classifier random` takes any, and `ganvas classifier` trains one on labels",
            judge.network.network().input()
        ))
        .into()),
    }
}

fn random(image: SampleShape) -> anyhow::Result<Judge> {
    Ok(Judge { network: FeatureNetwork::random(image, RANDOM_SEED)?, from: From::Seed })
}

/// The bundled one for images that it was trained or tested on, else one of their labels, else one
/// without.
async fn automatic(
    source: &str,
    data: &Dataset,
    preparation: &Preparation,
    device: &ChosenDevice,
) -> anyhow::Result<Judge> {
    let digits = FeatureNetwork::digits()?;
    if digits.knows(data.checksum()) {
        return Ok(Judge { network: digits, from: From::Bundled });
    }
    let image = SampleShape::image(data.channels, data.height, data.width);
    if preparation.bad_files == BadFiles::Skip && !data.skipped.is_empty() {
        // Which labels were left out with them is not known.
        return random(image);
    }
    let Some(labels) = labels(source)? else { return random(image) };
    let images = Labelled::new(data, &labels)?;
    if !images.are_enough() {
        return random(image);
    }
    let path = kept(data, &labels);
    if let Some(path) = path.as_ref().filter(|path| path.is_file())
        && let Ok(network) = read(path)
    {
        return Ok(Judge { network, from: From::File(path.clone()) });
    }
    say(format_args!(
        "Note:     training a classifier on the {} classes of {source} first",
        labels.classes.len()
    ));
    let network = trained(images, None, Schedule::default(), device).await?;
    let bytes = network.encode()?.unwrap_or_default();
    let written = path.filter(|path| {
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        folder.and_then(|()| write_atomic(path, &bytes)).is_ok()
    });
    Ok(Judge { network, from: written.map_or(From::Now, From::File) })
}

/// Trains with a bar.
pub(crate) async fn trained(
    images: Labelled<'_>,
    test: Option<Labelled<'_>>,
    schedule: Schedule,
    device: &ChosenDevice,
) -> Result<FeatureNetwork, MetricsError> {
    let bar = crate::data_command::progress_bar("training a classifier");
    bar.set_length(images.data.count as u64 * schedule.epochs as u64);
    let whole = bar.length().unwrap_or(0) as f64;
    let network = train(&device.device, images, test, schedule, &mut |share| {
        bar.set_position((share * whole) as u64);
    })
    .await;
    bar.finish_and_clear();
    network
}

/// Where a classifier of these images is kept.
fn kept(data: &Dataset, labels: &Labels) -> Option<PathBuf> {
    let mut checksum = crc32fast::Hasher::new();
    for label in &labels.of_images {
        checksum.update(&label.to_le_bytes());
    }
    for class in &labels.classes {
        checksum.update(class.as_bytes());
        checksum.update(b"\n");
    }
    let name = format!("{:08x}-{:08x}.safetensors", data.checksum(), checksum.finalize());
    Some(cache_folder()?.join("classifiers").join(name))
}

fn read(path: &Path) -> Result<FeatureNetwork, InputError> {
    FeatureNetwork::decode(&read_tensors(path)?)
        .map_err(|error| InputError::new(path, error.to_string()))
}

impl Judge {
    /// In words.
    pub(crate) fn describe(&self) -> String {
        let dimensions = ::metrics::FEATURES;
        let trained = match self.network.origin() {
            Origin::Random { seed } => {
                return format!(
                    "{dimensions} of a network that was not trained (seed {seed}): its numbers \
                     compare runs only"
                );
            }
            Origin::Trained(trained) => trained,
        };
        let name = match &self.from {
            From::Bundled => "the bundled classifier of digits".to_owned(),
            From::File(path) => path.display().to_string(),
            From::Now | From::Seed => "a classifier of these images".to_owned(),
        };
        let Trained { correct, tests, .. } = trained;
        let accuracy = 100.0 * trained.accuracy();
        format!("{dimensions} of {name} ({accuracy:.2} % of tests right: {correct} of {tests})")
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let dimensions = ::metrics::FEATURES;
        match self.network.origin() {
            Origin::Random { seed } => serde_json::json!({
                "dimensions": dimensions,
                "network": "random",
                "seed": seed,
                "compares": "runs only",
            }),
            Origin::Trained(trained) => serde_json::json!({
                "dimensions": dimensions,
                "network": match &self.from {
                    From::Bundled => "digits".to_owned(),
                    From::File(path) => path.display().to_string(),
                    From::Now | From::Seed => "trained now".to_owned(),
                },
                "sha256": self.network.hash(),
                "trained": trained,
                "accuracy": trained.accuracy(),
            }),
        }
    }
}
