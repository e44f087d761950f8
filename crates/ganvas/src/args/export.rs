//! The arguments of `ganvas export`.

use super::{DEVICE_HELP, JsonArgument};
use crate::{device_choice::DeviceRequest, export::Format};
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser, ValueParser},
};
use gan::export::{NetworkKind, WeightsKind};
use std::path::PathBuf;

#[derive(Clone, Debug, Args)]
pub(crate) struct ExportArguments {
    /// A run's folder (its newest checkpoint is used), a checkpoint, or a safetensors file of a
    /// generator's weights from PyTorch
    #[arg(value_name = "RUN|CHECKPOINT")]
    pub(crate) run: PathBuf,

    /// `onnx` for ONNX runtimes (opset 17), `safetensors` for PyTorch's `load_state_dict`
    /// [default: as the name of --out ends]
    #[arg(
        long,
        value_name = "onnx|safetensors",
        value_parser = format(),
        hide_possible_values = true
    )]
    pub(crate) format: Option<Format>,

    /// The file to write; a file of this name is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Which network: `generator` or `discriminator`
    #[arg(
        long,
        value_name = "NAME",
        value_parser = network(),
        default_value = "generator",
        hide_possible_values = true
    )]
    pub(crate) network: NetworkKind,

    /// Which of its weights: `average`, the moving average that `ganvas sample` draws with, or
    /// `trained`, those of the last step [default: average; trained for the discriminator, which
    /// has no average]
    #[arg(
        long,
        value_name = "average|trained",
        value_parser = weights(),
        hide_possible_values = true
    )]
    pub(crate) weights: Option<WeightsKind>,

    /// Also write what Ganvas draws of seeds 0 to 63, to compare the exported generator with: a
    /// safetensors file with `z` (64, 100) and `image` (64, C, H, W); a file of this name is
    /// replaced
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) samples: Option<PathBuf>,

    #[arg(
        long,
        value_name = "NAME",
        requires = "samples",
        help = format!("{DEVICE_HELP}. For --samples; an export computes nothing [default: auto]")
    )]
    pub(crate) device: Option<DeviceRequest>,

    #[command(flatten)]
    pub(crate) json: JsonArgument,
}

fn format() -> ValueParser {
    let of = |name: String| if name == "onnx" { Format::Onnx } else { Format::Safetensors };
    PossibleValuesParser::new(["onnx", "safetensors"]).map(of).into()
}

fn network() -> ValueParser {
    let names = NetworkKind::ALL.map(NetworkKind::name);
    let of = |name: String| match name == NetworkKind::Generator.name() {
        true => NetworkKind::Generator,
        false => NetworkKind::Discriminator,
    };
    PossibleValuesParser::new(names).map(of).into()
}

/// `average` or `trained`.
pub(crate) fn weights() -> ValueParser {
    let of = |name: String| match name == WeightsKind::Average.name() {
        true => WeightsKind::Average,
        false => WeightsKind::Trained,
    };
    PossibleValuesParser::new(WeightsKind::ALL.map(WeightsKind::name)).map(of).into()
}
