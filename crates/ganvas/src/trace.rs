//! `ganvas trace`: every tensor of one training step.

use crate::{
    args::TraceArguments,
    device_choice::ChosenDevice,
    earlier::Earlier,
    output::{answer, say},
    preset_choice::choose_networks,
    progress::megabytes,
    record::DataRecord,
    run_directory::{check_out, write_out},
    settings::Settings,
    train::{Weights, describe_data, describe_device, describe_networks, first_state, load},
};
use anyhow::Context;
use gan::{
    data::{Batches, DataError},
    trace::{self, Origin},
    trainer::TrainError,
};
use serde::Serialize;
use std::path::Path;

/// The JSON.
#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    tensors: usize,
    step: u64,
    bytes: usize,
}

/// Writes the trace that the arguments ask for.
pub(crate) async fn trace(arguments: &TraceArguments) -> anyhow::Result<()> {
    let out = &arguments.out;
    check_out(out, "--out", "step.safetensors")?;
    let training = arguments.training();
    let earlier = match &training.resume {
        Some(run) => Some(Earlier::open(run, &training.outdir)?),
        None => None,
    };
    let settings = match &earlier {
        Some(earlier) => Settings::of_run(&training, &earlier.record, &earlier.state)?,
        None => Settings::new(&training),
    };
    let weights = match &arguments.weights {
        Some(path) => Some(Weights::read(path)?),
        None => None,
    };
    let data = load(&settings)?;
    let batches = Batches::new(&data, settings.batch, settings.seed, settings.mirror())
        .map_err(|problem| DataError::new(Path::new(&settings.source), problem))?;
    let data_record = DataRecord::new(&settings.source, &data);
    if let Some(earlier) = &earlier {
        earlier.check_data(&data_record)?;
    }
    let device = ChosenDevice::open(&settings.device).await?;
    let options = choose_networks(&settings, &data_record, device.slow)?;
    describe_device(&device);
    describe_networks(&options, &settings, &device);
    describe_data(&data, &settings);
    let state = match earlier {
        Some(earlier) => earlier.state,
        None => first_state(&options, weights.as_ref())?,
    };

    let mut pixels = Vec::new();
    batches.pixels(&data, state.step, &mut pixels)?;
    let trace = trace::trace(&device.device, &state, &pixels).await?;
    let origin = Origin {
        ganvas: env!("CARGO_PKG_VERSION").to_owned(),
        device: device.name,
        driver: device.driver,
        data: data.name,
    };
    let bytes = trace.encode(&origin)?;
    write_out(out, &bytes)?;

    let (path, count) = (out.display(), trace.tensors().len());
    let (size, step) = (megabytes(bytes.len() as u64), state.step + 1);
    say(format_args!("Trace:  {path}, {count} tensors of step {step}, {size}"));
    say(format_args!("Read:   safetensors.torch.load_file({path:?}) in Python"));
    answer(&path, &Written { file: out, tensors: count, step, bytes: bytes.len() });
    match trace.not_finite() {
        // The file shows where it began, so it is written all the same.
        Some(tensor) => {
            Err(TrainError::NotFinite { number: tensor.to_owned(), after: state.step, step })
                .with_context(|| format!("wrote {path}, but not all of its numbers are finite"))
        }
        None => Ok(()),
    }
}
