//! The arguments of `ganvas metrics` and `ganvas classifier`.

use crate::{
    args::{DEVICE_HELP, JsonArgument, weights},
    device_choice::DeviceRequest,
};
use ::metrics::{MetricList, Selection};
use clap::Args;
use gan::export::WeightsKind;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

pub(crate) const METRICS_EXAMPLES: &str = "\
Examples:
  ganvas metrics runs/00000-digits-dcgan28
      the pictures of seeds 0 to 9999
  ganvas metrics runs/00000-digits-dcgan28 --weights trained --metrics fd
      without the moving average
  ganvas metrics latest --images 2000 --json
      quicker and coarser, for programs
  ganvas metrics netG.safetensors --against ./mnist
      a generator from PyTorch
  ganvas metrics ./pictures --against ./photos
      a folder of images from anywhere

Values depend on the number of images: compare those of the same numbers and
the same features. The floor is what real images score against other real
images; nothing is meant to be below it.";

pub(crate) const CLASSIFIER_EXAMPLES: &str = "\
Examples:
  ganvas classifier --data ./mnist --test digits --out digits.safetensors
      as the bundled one was trained
  ganvas classifier --data ./photos --out photos-classifier.safetensors
      folders are classes; a tenth of the images is held out
  ganvas metrics latest --classifier photos-classifier.safetensors";

#[derive(Clone, Debug, Args)]
pub(crate) struct MetricsArguments {
    /// What is measured: a run (`latest` is the newest in `runs`), a checkpoint, a safetensors file
    /// of a generator's weights, or a folder or zip of images
    #[arg(value_name = "RUN|FILE|IMAGES")]
    pub(crate) subject: PathBuf,

    /// The real images, as `ganvas train --data` takes them [default: what the run learned from]
    #[arg(long, value_name = "SRC")]
    pub(crate) against: Option<String>,

    /// Which, separated by commas: `fd` (Fréchet distance), `kid` (kernel distance), `prdc`
    /// (precision, recall, density, coverage), `modes` (classes drawn, and how evenly)
    #[arg(long, value_name = "LIST", default_value = "fd,kid,prdc,modes")]
    pub(crate) metrics: MetricList,

    /// How many images of each kind at most, from 12
    #[arg(long, value_name = "N", value_parser = images(), default_value_t = Selection::IMAGES as u32)]
    pub(crate) images: u32,

    /// Which of the generator's weights: `average`, the moving average that `ganvas sample` draws
    /// with, or `trained`, those of the last step
    #[arg(long, value_name = "average|trained", value_parser = weights(),
          default_value = "average", hide_possible_values = true)]
    pub(crate) weights: WeightsKind,

    #[command(flatten)]
    pub(crate) classifier: ClassifierChoice,

    #[arg(long, value_name = "NAME", default_value = "auto", help = DEVICE_HELP)]
    pub(crate) device: DeviceRequest,

    #[command(flatten)]
    pub(crate) json: JsonArgument,
}

/// Whose features images are compared by.
#[derive(Clone, Debug, Args)]
pub(crate) struct ClassifierChoice {
    /// Whose features images are compared by: a file of `ganvas classifier`, `digits` (bundled, for
    /// 28x28 grey images), or `random` (a network that stays as its seed made it: its numbers compare
    /// runs only). `auto` takes the bundled one for MNIST's images; else one trained on their labels,
    /// which are the folders that they lie in or a file of labels, and kept in the cache folder; else
    /// `random`
    #[arg(long, value_name = "NAME|FILE", default_value = "auto")]
    pub(crate) classifier: String,
}

/// What `ganvas train` measures at snapshots.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ScoreArguments {
    /// Measure the pictures at each snapshot, as `ganvas metrics` does, into metrics.jsonl: `fd`,
    /// `kid`, `prdc`, `modes`, with commas between them, or `none` [default: none]
    #[arg(long, value_name = "LIST|none")]
    metrics: Option<MetricList>,

    /// With --metrics: how many images of each kind at most [default: 10000]
    #[arg(long, value_name = "N", value_parser = images())]
    metrics_images: Option<u32>,

    /// With --metrics: whose features, as `ganvas metrics` takes it [default: auto]
    #[arg(long, value_name = "NAME|FILE")]
    classifier: Option<String>,
}

/// What is measured at snapshots, with nothing left open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scores {
    pub(crate) metrics: MetricList,
    pub(crate) images: usize,
    pub(crate) classifier: String,
}

impl Default for Scores {
    fn default() -> Self {
        let (metrics, classifier) = (MetricList::default(), "auto".to_owned());
        Self { metrics, images: Selection::IMAGES, classifier }
    }
}

impl ScoreArguments {
    /// Whether they say how to measure.
    pub(crate) fn says_how(&self) -> bool {
        self.metrics_images.is_some() || self.classifier.is_some()
    }

    /// What is asked for, and for the rest what was before.
    pub(crate) fn over(&self, before: Scores) -> Scores {
        Scores {
            metrics: self.metrics.clone().unwrap_or(before.metrics),
            images: self.metrics_images.map_or(before.images, |images| images as usize),
            classifier: self.classifier.clone().unwrap_or(before.classifier),
        }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ClassifierArguments {
    /// Images with labels: folders of images by class, IDX files with their labels beside them,
    /// CIFAR-10, or `digits`
    #[arg(long, value_name = "SRC")]
    pub(crate) data: String,

    /// Images with labels to test it on [default: a tenth of --data, which is held out]
    #[arg(long, value_name = "SRC")]
    pub(crate) test: Option<String>,

    #[command(flatten)]
    pub(crate) form: crate::data_command::FormArguments,

    /// How often it sees each image
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000),
          default_value_t = 10)]
    pub(crate) epochs: u32,

    /// The seed of its weights and of the order of images
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    #[arg(long, value_name = "NAME", default_value = "auto", help = DEVICE_HELP)]
    pub(crate) device: DeviceRequest,

    /// The safetensors file to write; a file of this name is replaced
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) json: JsonArgument,
}

fn images() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(Selection::LEAST as i64..=100_000)
}
