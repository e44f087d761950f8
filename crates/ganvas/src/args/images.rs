//! How images are prepared for the networks.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser, ValueParser},
};
use gan::{data::Fit, networks::check_size};

#[derive(Clone, Debug, Args)]
pub(crate) struct ImageArguments {
    /// Width and height to bring the images to, each a multiple of 4 from 16 to 256; one number for a
    /// square [default: 28x28 where all images are so and grey, else 64x64]
    #[arg(long, value_name = "WxH", value_parser = network_size)]
    pub(crate) size: Option<[usize; 2]>,

    /// 1 for grey, 3 for colour, 4 for colour with transparency
    /// [default: 1 where all images are grey, else 3]
    #[arg(long, value_name = "1|3|4", value_parser = channels(), hide_possible_values = true)]
    pub(crate) channels: Option<usize>,

    /// What becomes of images of another aspect: `crop` keeps their middle, `pad` all of them
    /// [default: crop]
    #[arg(long, value_name = "crop|pad", value_parser = fit(), hide_possible_values = true)]
    pub(crate) fit: Option<Fit>,

    /// Also learn from every image's mirror image, left and right exchanged
    #[arg(
        long,
        value_name = "yes|no",
        value_parser = yes_or_no(),
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "yes",
        hide_possible_values = true
    )]
    pub(crate) mirror: Option<bool>,

    /// Leave out files that cannot be read, and list them, rather than stop at the first
    #[arg(long)]
    pub(crate) skip_bad: bool,
}

pub(crate) fn channels() -> ValueParser {
    PossibleValuesParser::new(["1", "3", "4"]).try_map(|text| text.parse::<usize>()).into()
}

pub(crate) fn fit() -> ValueParser {
    let of = |name: String| if name == "pad" { Fit::Pad } else { Fit::Crop };
    PossibleValuesParser::new(["crop", "pad"]).map(of).into()
}

fn yes_or_no() -> ValueParser {
    PossibleValuesParser::new(["yes", "no"]).map(|text| text == "yes").into()
}

/// Height and width of images that there are networks for.
fn network_size(text: &str) -> Result<[usize; 2], String> {
    let size = size(text)?;
    check_size(size).map_err(|error| error.to_string())?;
    Ok(size)
}

/// Height and width of `WxH`, or of `N` for a square.
pub(crate) fn size(text: &str) -> Result<[usize; 2], String> {
    let needs = || "needs width and height, such as 96x48, or one number for a square".to_owned();
    let number = |text: &str| text.parse::<usize>().map_err(|_| needs());
    let (width, height) = text.split_once(['x', 'X']).unwrap_or((text, text));
    Ok([number(height)?, number(width)?])
}
