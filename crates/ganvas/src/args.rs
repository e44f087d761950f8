//! The arguments of `ganvas`, which are also its help.

mod examples;
mod export;
pub(crate) mod images;
mod manual;
mod output;
mod sample;
mod values;

pub(crate) use export::{ExportArguments, weights};
pub(crate) use images::ImageArguments;
pub(crate) use manual::{CompletionsArguments, ManArguments};
pub(crate) use output::{JsonArgument, PreviewArgument};
pub(crate) use sample::SampleArguments;

use crate::{
    data_command::DataArguments,
    device_choice::DeviceRequest,
    metrics::args::{
        CLASSIFIER_EXAMPLES, ClassifierArguments, METRICS_EXAMPLES, MetricsArguments,
        ScoreArguments,
    },
    on_collapse::OnCollapse,
    output::{Answers, Manner},
    report::args::{EXAMPLES as REPORT_EXAMPLES, ReportArguments},
};
use clap::{Args, Parser, Subcommand};
use examples::{
    BENCH_EXAMPLES, COMPLETIONS_EXAMPLES, DEVICES_EXAMPLES, DOCTOR_EXAMPLES, EXIT_CODES,
    EXPORT_EXAMPLES, MAN_EXAMPLES, SAMPLE_EXAMPLES, TRACE_EXAMPLES, TRAIN_EXAMPLES,
};
use gan::networks::Preset;
use std::{num::NonZeroUsize, path::PathBuf};
use values::{batch, discriminator_ratio, learning_rate, preset, thousands, width};
use verification::Selection;

/// The folder of runs.
pub(crate) const OUTDIR: &str = "runs";

pub(crate) const DEVICE_HELP: &str = "Where to compute: `auto` (a discrete GPU, else an integrated one, else a \
software adapter, else the CPU), `cpu`, a number from `ganvas devices`, or a part of a name that \
fits one adapter only";

/// Trains generative adversarial networks on any GPU: Vulkan, Metal or DX12, no CUDA, no Python.
///
/// Start with `ganvas train`: it needs no data and no settings, and writes pictures of the digits
/// that it learns to draw into the folder `runs`.
#[derive(Debug, Parser)]
#[command(name = "ganvas", version, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Log more to stderr: -v what happens, -vv in detail
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 998)]
    pub(crate) verbose: u8,

    /// Print errors, what was asked for, and the names of files and folders that were written
    #[arg(short, long, global = true, display_order = 997)]
    pub(crate) quiet: bool,
}

impl Arguments {
    /// How the command is asked to speak.
    pub(crate) fn manner(&self) -> Manner {
        let json = match &self.command {
            Command::Train(train) => train.json.json,
            Command::Sample(sample) => sample.json.json,
            Command::Export(export) => export.json.json,
            Command::Report(report) => report.json.json,
            Command::Trace(trace) => trace.json.json,
            Command::Devices(devices) => devices.json.json,
            Command::Metrics(metrics) => metrics.json.json,
            Command::Classifier(classifier) => classifier.json.json,
            Command::Data(data) => data.json(),
            // The last two write theirs to a file.
            _ => false,
        };
        let answers = match (json, self.quiet) {
            (true, _) => Answers::Json,
            (false, true) => Answers::Plain,
            (false, false) => Answers::InWords,
        };
        Manner { answers, quiet: self.quiet }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a network on images
    #[command(after_help = TRAIN_EXAMPLES)]
    Train(TrainArguments),
    /// Draw pictures with a trained network
    #[command(after_help = SAMPLE_EXAMPLES)]
    Sample(SampleArguments),
    /// Write a trained network for other programs: ONNX, or safetensors for PyTorch
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ExportArguments),
    /// Show a run as one page: pictures over time, curves, options
    #[command(after_help = REPORT_EXAMPLES)]
    Report(ReportArguments),
    /// Measure how near pictures are to real images: Fréchet distance, KID, precision, modes
    #[command(after_help = METRICS_EXAMPLES)]
    Metrics(MetricsArguments),
    /// Train a classifier on labelled images, to measure pictures with
    #[command(after_help = CLASSIFIER_EXAMPLES)]
    Classifier(ClassifierArguments),
    /// Write every tensor of one training step, to replay it in PyTorch and compare
    #[command(after_help = TRACE_EXAMPLES)]
    Trace(TraceArguments),
    /// List what can compute here, and what `auto` takes
    #[command(after_help = DEVICES_EXAMPLES)]
    Devices(DevicesArguments),
    /// Check every kernel on an adapter against the CPU reference
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(DoctorArguments),
    /// Measure an adapter's ceilings, and every kernel and training step against them
    #[command(after_help = BENCH_EXAMPLES)]
    Bench(BenchArguments),
    /// Look at images, turn them into another form, or download a well-known data set
    Data(DataArguments),
    /// Print a script by which a shell completes commands and options
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArguments),
    /// Write manual pages
    #[command(after_help = MAN_EXAMPLES)]
    Man(ManArguments),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TrainArguments {
    /// What to learn from: `digits` (10,000 handwritten digits, built in), a folder or a zip of
    /// images (PNG, JPEG, BMP, GIF, WebP; of any size), a folder of IDX files, gzipped or not, or
    /// CIFAR-10's binary archive [default: digits]
    #[arg(long, value_name = "SRC")]
    pub(crate) data: Option<String>,

    #[command(flatten)]
    pub(crate) images: ImageArguments,

    /// The networks: `dcgan28` or `dcgan28-small` for 28x28 grey images, `dcgan64` for 64x64, `dcgan`
    /// for every size [default: what fits the images; small on a software adapter and on the CPU]
    #[arg(long, value_name = "NAME", value_parser = preset())]
    pub(crate) preset: Option<Preset>,

    /// The base width of `dcgan`: the channels of its layers next to the image, those further in
    /// having up to eight times as many [default: 64]
    #[arg(long, value_name = "N", value_parser = width())]
    pub(crate) width: Option<u32>,

    /// The folder that runs are written to, each in a new folder of its own
    #[arg(long, value_name = "DIR", default_value = OUTDIR)]
    pub(crate) outdir: PathBuf,

    #[arg(long, value_name = "NAME", help = format!("{DEVICE_HELP} [default: auto]"))]
    pub(crate) device: Option<DeviceRequest>,

    /// Images in each step; fewer need less memory [default: 64]
    #[arg(long, value_name = "N", value_parser = batch())]
    pub(crate) batch: Option<u32>,

    /// How far a step moves the weights (Adam's learning rate); less where training collapses
    /// [default: 0.0002]
    #[arg(long, value_name = "RATE", value_parser = learning_rate)]
    pub(crate) learning_rate: Option<f64>,

    /// The discriminator's learning rate over the generator's: less where it wins, more where pictures
    /// become alike [default: 1]
    #[arg(long, value_name = "RATIO", value_parser = discriminator_ratio)]
    pub(crate) discriminator_ratio: Option<f64>,

    /// What to do when training has collapsed, as `ganvas` judges each tick: `warn` says so, `stop`
    /// saves and ends with exit code 4, `rollback` goes back to the last healthy checkpoint and on
    /// from there with half of a learning rate, three times at most [default: warn]
    #[arg(long, value_name = "ACTION")]
    pub(crate) on_collapse: Option<OnCollapse>,

    #[command(flatten)]
    pub(crate) scores: ScoreArguments,

    /// How long to train, in thousands of images shown, such as 300 or 0.5 [default: 300]
    #[arg(long, value_name = "N", value_parser = thousands)]
    pub(crate) kimg: Option<f64>,

    /// The seed of all randomness: the same seed on the same machine gives the same run
    /// [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// How often to write a picture and a checkpoint, in thousands of images [default: 20]
    #[arg(long, value_name = "N", value_parser = thousands)]
    pub(crate) snap: Option<f64>,

    /// Keep the newest N checkpoints; older ones are removed once a newer one is safely on disk
    /// [default: all]
    #[arg(long, value_name = "N")]
    pub(crate) keep: Option<NonZeroUsize>,

    /// Start from the weights in this safetensors file instead of random ones
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub(crate) weights: Option<PathBuf>,

    /// Go on with a run, in its own folder, from its newest checkpoint; `latest` is the newest run in
    /// --outdir that has one. From an older checkpoint, given as a file, a new run goes on in
    /// --outdir. Options that are not given are the run's own
    #[arg(long, value_name = "RUN|CHECKPOINT|latest")]
    pub(crate) resume: Option<PathBuf>,

    /// With --resume: start a new run in --outdir from there, which records where it came from. Its
    /// --batch, --seed, --learning-rate, --discriminator-ratio, --mirror, --fit and --data may be
    /// others, if the images have the same size and channels
    #[arg(long, requires = "resume")]
    pub(crate) fork: bool,

    /// Take variants of kernels by type of device. Otherwise a run measures those that it does not
    /// know yet (of another adapter, driver, preset or batch) for 3 to 14 seconds, and keeps what it
    /// found in the user's cache folder, or in the one that GANVAS_CACHE_DIR names
    #[arg(long)]
    pub(crate) no_tune: bool,

    /// Print the options, both networks and the memory they take, and stop
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) preview: PreviewArgument,

    #[command(flatten)]
    pub(crate) json: JsonArgument,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TraceArguments {
    /// What to learn from, as in `ganvas train` [default: digits]
    #[arg(long, value_name = "SRC")]
    pub(crate) data: Option<String>,

    #[command(flatten)]
    pub(crate) images: ImageArguments,

    /// The networks, as in `ganvas train`
    /// [default: what fits the images; small on a software adapter and on the CPU]
    #[arg(long, value_name = "NAME", value_parser = preset())]
    pub(crate) preset: Option<Preset>,

    /// The base width of `dcgan`, as in `ganvas train` [default: 64]
    #[arg(long, value_name = "N", value_parser = width())]
    pub(crate) width: Option<u32>,

    #[arg(long, value_name = "NAME", help = format!("{DEVICE_HELP} [default: auto]"))]
    pub(crate) device: Option<DeviceRequest>,

    /// Images in the step [default: 64]
    #[arg(long, value_name = "N", value_parser = batch())]
    pub(crate) batch: Option<u32>,

    /// The seed of all randomness: the batch, the latent vectors, the masks and the weights are those
    /// that `ganvas train` begins with [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Start from the weights in this safetensors file instead of random ones
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub(crate) weights: Option<PathBuf>,

    /// Trace the step that would come next in a run: after its newest checkpoint, or the one given;
    /// `latest` is the newest run in `runs` that has one. Options that are not given are the run's
    /// own
    #[arg(long, value_name = "RUN|CHECKPOINT|latest")]
    pub(crate) resume: Option<PathBuf>,

    /// The safetensors file to write; a file of this name is replaced
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) json: JsonArgument,
}

impl TraceArguments {
    /// The training that the step belongs to.
    pub(crate) fn training(&self) -> TrainArguments {
        TrainArguments {
            data: self.data.clone(),
            images: self.images.clone(),
            preset: self.preset,
            width: self.width,
            outdir: PathBuf::from(OUTDIR),
            device: self.device.clone(),
            batch: self.batch,
            learning_rate: None,
            discriminator_ratio: None,
            on_collapse: None,
            scores: ScoreArguments::default(),
            kimg: None,
            seed: self.seed,
            snap: None,
            keep: None,
            weights: self.weights.clone(),
            resume: self.resume.clone(),
            fork: false,
            no_tune: false,
            dry_run: false,
            preview: PreviewArgument::default(),
            json: self.json,
        }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Which adapter: `auto` (a discrete GPU, else an integrated one, else a software adapter), a
    /// number from `ganvas devices`, or a part of a name that fits one adapter only
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub(crate) device: DeviceRequest,

    /// Small and odd shapes, every kernel in every variant: seconds (the default)
    #[arg(long, conflicts_with = "full")]
    pub(crate) quick: bool,

    /// Also every family of numbers, the presets' layers, and the limits: minutes
    #[arg(long)]
    pub(crate) full: bool,

    /// Only a part, as a report names it: an op (`conv2d`), one of its groups or cases
    /// (`conv2d/small/3/normal`), `law/NAME`, `step/PRESET` or `traps`
    #[arg(long, value_name = "PART")]
    pub(crate) only: Option<Selection>,

    /// A line for each variant of each kernel rather than for each kernel
    #[arg(long)]
    pub(crate) variants: bool,

    /// Also write the report as JSON; a file of this name is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Plant a fault, to see that it is found: `list` prints their names
    #[arg(long, value_name = "FAULT", hide = true)]
    pub(crate) plant: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct BenchArguments {
    /// Which adapter: `auto` (a discrete GPU, else an integrated one, else a software adapter), a
    /// number from `ganvas devices`, or a part of a name that fits one adapter only
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub(crate) device: DeviceRequest,

    /// Only this preset's training step; may be given more than once
    /// [default: all, `dcgan28-small` for --quick]
    #[arg(long, value_name = "NAME", value_parser = preset())]
    pub(crate) preset: Vec<Preset>,

    /// Images in a step [default: 64, and 16 for `dcgan64`]
    #[arg(long, value_name = "N", value_parser = batch())]
    pub(crate) batch: Option<u32>,

    /// Only matrix products and convolutions, and no whole steps
    #[arg(long)]
    pub(crate) quick: bool,

    /// Take variants of kernels by type of device. Otherwise they are those that `ganvas train` runs
    /// in, measured where they were not yet
    #[arg(long)]
    pub(crate) no_tune: bool,

    /// Also write all that was measured as JSON; a file of this name is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Also draw the roofline with every kernel on it; a file of this name is replaced
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot: Option<PathBuf>,

    /// Also print each time against that in an earlier --json file
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DevicesArguments {
    #[command(flatten)]
    pub(crate) json: JsonArgument,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }
}
