//! `ganvas export`: a trained network as a file for other programs.

use crate::{
    args::ExportArguments,
    device_choice::{ChosenDevice, DeviceRequest},
    exit::{InputError, UsageError},
    progress::{megabytes, say},
    run_directory::check_out,
    trained::Trained,
};
use gan::{
    export::{Export, ExportError, NetworkKind, OPSET, WeightsKind, samples},
    files::write_atomic,
};
use std::path::Path;

/// The seeds whose pictures `--samples` writes.
const SAMPLES: std::ops::Range<u64> = 0..64;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A model for ONNX runtimes.
    Onnx,
    /// A state dict for PyTorch.
    Safetensors,
}

/// Writes what the arguments ask for.
pub(crate) async fn export(arguments: &ExportArguments) -> anyhow::Result<()> {
    let ExportArguments { run, out, network, .. } = arguments;
    let format = format_of(arguments)?;
    let weights = arguments.weights.unwrap_or(match network {
        NetworkKind::Generator => WeightsKind::Average,
        NetworkKind::Discriminator => WeightsKind::Trained,
    });
    check_out(out, "--out", "generator.onnx")?;
    if let Some(samples) = &arguments.samples {
        if *network == NetworkKind::Discriminator {
            let problem = "--samples is what a generator draws; leave --network out";
            return Err(UsageError(problem.to_owned()).into());
        }
        check_out(samples, "--samples", "samples.safetensors")?;
    }
    let Trained { path, state } = Trained::open(run)?;
    refuse_itself(&path, out)?;
    let export = Export::new(&state, *network, weights).map_err(|error| match error {
        ExportError::NoAverage => UsageError(format!("--weights average: {error}")).into(),
        error => anyhow::Error::from(error),
    })?;
    let bytes = match format {
        Format::Onnx => export.onnx(),
        Format::Safetensors => export.state_dict()?,
    };
    write(out, &bytes)?;
    let (file, network, weights_name) = (out.display(), network.name(), weights.name());
    let (path, step, size) = (path.display(), state.step, megabytes(bytes.len() as u64));
    say(format_args!("Export: {file}, the {network} of {path} (step {step}), {size}"));
    say(format_args!("        {weights_name} weights{}", describe(format)));
    say(format_args!("Read:   {} in Python", reading(format, arguments)));

    if let Some(out) = &arguments.samples {
        let request = arguments.device.clone().unwrap_or(DeviceRequest::Auto);
        let device = ChosenDevice::open(&request).await?;
        let seeds: Vec<u64> = SAMPLES.collect();
        write(out, &samples(&device.device, &state, weights, &seeds).await?)?;
        let (file, count, device) = (out.display(), seeds.len(), device.name);
        say(format_args!("Samples: {file}, z and image of {count} seeds on {device}"));
    }
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

/// A checkpoint holds far more than an export of it, and would be lost.
fn refuse_itself(checkpoint: &Path, out: &Path) -> Result<(), InputError> {
    match (checkpoint.canonicalize(), out.canonicalize()) {
        (Ok(checkpoint), Ok(same)) if checkpoint == same => {
            Err(InputError::new(out, "is what is exported; name another file"))
        }
        _ => Ok(()),
    }
}

fn write(out: &Path, bytes: &[u8]) -> Result<(), InputError> {
    write_atomic(out, bytes).map_err(|error| InputError::new(out, error.to_string()))
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
