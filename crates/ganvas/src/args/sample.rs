//! The arguments of `ganvas sample`.

use super::{DEVICE_HELP, JsonArgument, PreviewArgument};
use crate::{device_choice::DeviceRequest, seeds::Seeds};
use clap::Args;
use gan::sampling::Mix;
use std::path::PathBuf;

#[derive(Clone, Debug, Args)]
pub(crate) struct SampleArguments {
    /// A run's folder (its newest checkpoint is used), a checkpoint, or a generator's weights as a
    /// safetensors file, from `ganvas export` or from PyTorch
    #[arg(value_name = "RUN|FILE")]
    pub(crate) run: PathBuf,

    /// Which pictures, by seed: numbers and ranges. A seed gives the same picture every time,
    /// whichever others are asked for [default: 0-63, none with --mix]
    #[arg(long, value_name = "LIST")]
    pub(crate) seeds: Option<Seeds>,

    /// Pictures of sums of seeds, such as 7-3+12 (here + and - add and subtract), separated by
    /// commas; behind those of --seeds. Latent vectors are added and subtracted, and the sum is
    /// divided by the root of the number of terms, which makes it as long as latent vectors are
    #[arg(long, value_name = "SUMS", value_delimiter = ',', allow_hyphen_values = true)]
    pub(crate) mix: Vec<Mix>,

    /// Multiply every latent vector by this, from 0 to 2. A network learns from vectors whose
    /// numbers are normal with mean 0; below 1 they come nearer to the mean, and pictures become
    /// fainter, plainer and more alike; at 0 all are the same. Unlike StyleGAN, a DCGAN has no intermediate
    /// latents to do that in [default: 1, which changes nothing]
    #[arg(long, value_name = "PSI", value_parser = truncation, allow_negative_numbers = true)]
    pub(crate) truncation: Option<f32>,

    /// Instead of a grid, a film from seed to seed and back to the first, to be repeated without a
    /// jump. Between two seeds latent vectors follow the great circle (Shoemake 1985), so that they
    /// stay as long as latent vectors are
    #[arg(long, value_name = "LIST", conflicts_with_all = ["seeds", "mix", "each", "nearest", "preview"])]
    pub(crate) interpolate: Option<Seeds>,

    /// Frames from one seed to the next, each shown for 1/20 second [default: 30]
    #[arg(
        long,
        value_name = "N",
        requires = "interpolate",
        value_parser = clap::value_parser!(u16).range(1..=1000)
    )]
    pub(crate) frames: Option<u16>,

    /// Beside each picture, which is framed, the K nearest training images, so that memorising
    /// shows: those with the least Euclidean distance of pixels as the network sees them, mirror
    /// images too if the run learned from them [K without a number: 5]
    #[arg(
        long,
        value_name = "K",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "5",
        value_parser = clap::value_parser!(u8).range(1..=20)
    )]
    pub(crate) nearest: Option<u8>,

    /// Where the run's training images are now [default: where the run found them]
    #[arg(long, value_name = "SRC", requires = "nearest")]
    pub(crate) data: Option<String>,

    /// Instead of a grid, a PNG of each picture in its own size, named by its seed, in this folder;
    /// no file is replaced
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "nearest", "preview"])]
    pub(crate) each: Option<PathBuf>,

    /// The PNG to write, a GIF with --interpolate; a file of this name is replaced. With
    /// --interpolate also a folder, for a PNG of each frame; no file in it is replaced [default: a
    /// new sample-NNNNN.png or sample-NNNNN.gif]
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) out: Option<PathBuf>,

    #[arg(long, value_name = "NAME", default_value = "auto", help = DEVICE_HELP)]
    pub(crate) device: DeviceRequest,

    #[command(flatten)]
    pub(crate) preview: PreviewArgument,

    #[command(flatten)]
    pub(crate) json: JsonArgument,
}

fn truncation(text: &str) -> Result<f32, String> {
    let value = text.parse().ok().filter(|value| (0.0..=2.0).contains(value));
    value.ok_or_else(|| "needs a number from 0 to 2, such as 0.7".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_is_a_number_in_its_range() {
        assert_eq!(["0", "0.7", "2"].map(truncation), [Ok(0.0), Ok(0.7), Ok(2.0)]);
        for text in ["-0.1", "2.1", "NaN", "inf", "", "half"] {
            assert!(truncation(text).is_err(), "{text}");
        }
    }
}
