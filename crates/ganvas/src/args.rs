//! The arguments of `ganvas`, which are also its help.

use crate::{device_choice::DeviceRequest, seeds::Seeds};
use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser, ValueParser},
};
use gan::networks::Preset;
use std::path::PathBuf;

const DEVICE_HELP: &str = "Where to compute: `auto` (a discrete GPU, else an integrated one, else a \
software adapter, else the CPU), `cpu`, a number from `ganvas devices`, or a part of a name that \
fits one adapter only";

const EXIT_CODES: &str = "\
Exit codes:
  0 done          2 usage                  4 numbers went non-finite   130 interrupted (Ctrl-C)
  1 internal      3 bad input or data      5 device                    143 terminated";

const TRAIN_EXAMPLES: &str = "\
Examples:
  ganvas train                              learn to draw digits; nothing else is needed
  ganvas train --kimg 5                     the same for five thousand images: a first look
  ganvas train --data ./photos --batch 16   a folder of images of any size, 64x64 colour
  ganvas train --data ./mnist               a folder with train-images-idx3-ubyte.gz
  ganvas train --dry-run                    show networks and memory, train nothing
  ganvas train --resume latest --kimg 600   go on with the newest run, up to 600,000 images

A run writes a folder such as runs/00000-digits-dcgan28 with reals.png (what it learns from),
fakes-NNNNNNNN.png (what it draws after so many steps, always of the same 64 seeds), stats.jsonl
(one line a tick) and checkpoints. Ctrl-C saves before it stops; --resume goes on.";

const SAMPLE_EXAMPLES: &str = "\
Examples:
  ganvas sample runs/00000-digits-dcgan28
  ganvas sample runs/00000-digits-dcgan28 --seeds 0,1,4-6 --out five.png
  ganvas sample runs/00000-digits-dcgan28/checkpoints/00000312.safetensors";

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
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a network on images
    #[command(after_help = TRAIN_EXAMPLES)]
    Train(TrainArguments),
    /// Draw pictures with a trained network
    #[command(after_help = SAMPLE_EXAMPLES)]
    Sample(SampleArguments),
    /// List what can compute here, and what `auto` takes
    Devices(DevicesArguments),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TrainArguments {
    /// What to learn from: `digits` (10,000 handwritten digits, built in), a folder of images (PNG,
    /// JPEG, BMP, GIF, WebP; any size, cut to their centre square), or a folder of IDX files, gzipped
    /// or not [default: digits]
    #[arg(long, value_name = "SRC")]
    pub(crate) data: Option<String>,

    /// The networks: `dcgan28` or `dcgan28-small` for 28x28 grey images, `dcgan64` for all others
    /// [default: what fits the data; small on a software adapter and on the CPU]
    #[arg(long, value_name = "NAME", value_parser = preset())]
    pub(crate) preset: Option<Preset>,

    /// The folder that runs are written to, each in a new folder of its own
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub(crate) outdir: PathBuf,

    #[arg(long, value_name = "NAME", help = format!("{DEVICE_HELP} [default: auto]"))]
    pub(crate) device: Option<DeviceRequest>,

    /// Images in each step; fewer need less memory [default: 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=4096))]
    pub(crate) batch: Option<u32>,

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

    /// Start from the weights in this safetensors file instead of random ones
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub(crate) weights: Option<PathBuf>,

    /// Go on with a run, in its own folder, from its newest checkpoint; `latest` is the newest run in
    /// --outdir. From an older checkpoint, given as a file, a new run goes on in --outdir. Options
    /// that are not given are the run's own
    #[arg(long, value_name = "RUN|CHECKPOINT|latest")]
    pub(crate) resume: Option<PathBuf>,

    /// Print the options, both networks and the memory they take, and stop
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SampleArguments {
    /// A run's folder (its newest checkpoint is used) or a checkpoint file
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,

    /// Which pictures, by seed: numbers and ranges. A seed gives the same picture every time,
    /// whichever others are asked for
    #[arg(long, value_name = "LIST", default_value = "0-63")]
    pub(crate) seeds: Seeds,

    /// The PNG to write; a file of this name is replaced [default: a new sample-NNNNN.png]
    #[arg(long, value_name = "FILE.png")]
    pub(crate) out: Option<PathBuf>,

    #[arg(long, value_name = "NAME", default_value = "auto", help = DEVICE_HELP)]
    pub(crate) device: DeviceRequest,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DevicesArguments {
    /// Print JSON for programs instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

fn preset() -> ValueParser {
    let names = Preset::all().iter().map(|preset| preset.name());
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Preset>()).into()
}

fn thousands(text: &str) -> Result<f64, String> {
    let needs = "needs a number of thousands of images from 0.001 to 1,000,000, such as 20 or 0.5";
    let value: f64 = text.parse().map_err(|_| needs.to_owned())?;
    if (0.001..=1e6).contains(&value) { Ok(value) } else { Err(needs.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn thousands_take_fractions_and_refuse_what_is_no_amount() {
        assert_eq!(thousands("0.5"), Ok(0.5));
        assert_eq!(thousands("300"), Ok(300.0));
        for text in ["0", "-1", "NaN", "inf", "", "many", "1e9"] {
            assert!(thousands(text).is_err(), "{text}");
        }
    }
}
