//! `ganvas export`: a trained network as a file for other programs.

use crate::{
    args::ExportArguments,
    device_choice::{ChosenDevice, DeviceRequest},
    exit::{InputError, UsageError},
    output::{answer, say},
    progress::megabytes,
    run_directory::{check_apart, check_out, write_out},
    trained::Trained,
};
use gan::{
    export::{Export, ExportError, NetworkKind, OPSET, WeightsKind, samples},
    networks::SampleShape,
};
use serde::Serialize;
use std::path::Path;

/// The seeds whose pictures `--samples` writes.
const SAMPLES: std::ops::Range<u64> = 0..64;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// A model for ONNX runtimes.
    Onnx,
    /// A state dict for PyTorch.
    Safetensors,
}

/// The JSON.
#[derive(Serialize)]
struct Exported<'a> {
    file: &'a Path,
    format: Format,
    /// Of ONNX's operators.
    opset: Option<i64>,
    network: NetworkKind,
    weights: Option<WeightsKind>,
    input: Side,
    output: Side,
    bytes: usize,
    samples: Option<&'a Path>,
}

/// What goes into a network, or comes out.
#[derive(Serialize)]
struct Side {
    name: &'static str,
    shape: Vec<Extent>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Extent {
    Any(&'static str),
    Fixed(usize),
}

impl Side {
    /// In PyTorch's order: `(batch, C, H, W)` of images, `(batch, features)` else.
    fn new(name: &'static str, sample: SampleShape) -> Self {
        let extents = match name {
            "image" => vec![sample.channels, sample.height, sample.width],
            _ => vec![sample.elements()],
        };
        let any = Extent::Any("batch");
        Self {
            name,
            shape: [any].into_iter().chain(extents.into_iter().map(Extent::Fixed)).collect(),
        }
    }
}

/// Writes what the arguments ask for.
pub(crate) async fn export(arguments: &ExportArguments) -> anyhow::Result<()> {
    let ExportArguments { run, out, network, .. } = arguments;
    let format = format_of(arguments)?;
    let samples_to = arguments.samples.as_deref();
    if samples_to.is_some() && *network == NetworkKind::Discriminator {
        let problem = "--samples is what a generator draws; leave --network out";
        return Err(UsageError(problem.to_owned()).into());
    }
    let trained = Trained::open(run)?;
    let Trained { path, saved } = &trained;
    check_out(out, "--out", "generator.onnx")?;
    let mut outputs = vec![("--out", out.as_path())];
    if let Some(samples) = samples_to {
        check_out(samples, "--samples", "samples.safetensors")?;
        outputs.push(("--samples", samples));
    }
    check_apart(&outputs, &[path])?;
    let export = Export::new(saved, *network, arguments.weights)
        .map_err(|error| refused(error, path, arguments))?;
    let bytes = match format {
        Format::Onnx => export.onnx(),
        Format::Safetensors => export.state_dict()?,
    };
    write_out(out, &bytes)?;
    let (file, network, of) = (out.display(), network.name(), trained.name());
    let size = megabytes(bytes.len() as u64);
    say(format_args!("Export: {file}, the {network} of {of}, {size}"));
    let kind = export.weights().map_or_else(String::new, |weights| format!("{} ", weights.name()));
    say(format_args!("        {kind}weights{}", describe(format)));
    say(format_args!("Read:   {} in Python", reading(format, arguments)));

    if let Some(out) = samples_to {
        let request = arguments.device.clone().unwrap_or(DeviceRequest::Auto);
        let device = ChosenDevice::open(&request).await?;
        let seeds: Vec<u64> = SAMPLES.collect();
        let weights = export.weights().unwrap_or(WeightsKind::Trained);
        write_out(out, &samples(&device.device, &saved.state, weights, &seeds).await?)?;
        let (file, count, device) = (out.display(), seeds.len(), device.name);
        say(format_args!("Samples: {file}, z and image of {count} seeds on {device}"));
    }
    let networks = saved.state.networks()?;
    let exported = networks.of(arguments.network);
    let (input, output) = match arguments.network {
        NetworkKind::Generator => ("z", "image"),
        NetworkKind::Discriminator => ("image", "logit"),
    };
    let answered = Exported {
        file: out,
        format,
        opset: (format == Format::Onnx).then_some(OPSET),
        network: arguments.network,
        weights: export.weights(),
        input: Side::new(input, exported.input()),
        output: Side::new(output, exported.output()),
        bytes: bytes.len(),
        samples: samples_to,
    };
    let files = outputs.iter().map(|(_, path)| path.display().to_string());
    answer(files.collect::<Vec<String>>().join("\n"), &answered);
    Ok(())
}

/// The format asked for, or that of the file's name.
fn format_of(arguments: &ExportArguments) -> Result<Format, UsageError> {
    let ending = arguments.out.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match (arguments.format, ending.as_deref()) {
        (Some(format), _) => Ok(format),
        (None, Some("onnx")) => Ok(Format::Onnx),
        (None, Some("safetensors")) => Ok(Format::Safetensors),
        _ => Err(UsageError(format!(
            "--out {}: the name tells no format; end it with .onnx or .safetensors, or add --format",
            arguments.out.display()
        ))),
    }
}

/// What to do where a file does not have what was asked for.
fn refused(error: ExportError, path: &Path, arguments: &ExportArguments) -> anyhow::Error {
    match (&error, arguments.weights) {
        (ExportError::NoSuchNetwork { found, .. }, _) => {
            InputError::new(path, format!("{error}; --network {found} exports it")).into()
        }
        (ExportError::NoSuchWeights { .. }, Some(asked)) => {
            let problem = format!("--weights {}: {error}; leave it out", asked.name());
            InputError::new(path, problem).into()
        }
        (ExportError::NoAverage, _) => UsageError(format!("--weights average: {error}")).into(),
        _ => error.into(),
    }
}

fn describe(format: Format) -> String {
    match format {
        Format::Onnx => format!(", ONNX opset {OPSET}, any batch"),
        Format::Safetensors => ", PyTorch's names and layouts".to_owned(),
    }
}

/// How another program reads the file.
fn reading(format: Format, arguments: &ExportArguments) -> String {
    let file = &arguments.out;
    let (variable, input) = match arguments.network {
        NetworkKind::Generator => ("netG", "z"),
        NetworkKind::Discriminator => ("netD", "image"),
    };
    match format {
        Format::Onnx => {
            format!("onnxruntime.InferenceSession({file:?}).run(None, {{\"{input}\": {input}}})")
        }
        Format::Safetensors => {
            format!("{variable}.load_state_dict(safetensors.torch.load_file({file:?}))")
        }
    }
}
