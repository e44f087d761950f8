//! `ganvas sample`: pictures from a checkpoint.

use crate::{
    args::SampleArguments,
    device_choice::ChosenDevice,
    exit::InputError,
    progress::say,
    run_directory::{RunDirectory, check_out, read_tensors},
};
use anyhow::Context;
use gan::{
    checkpoint, files::write_atomic, networks::SampleShape, picture::grid_png, sampling::Sampler,
    sampling::latents,
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Draws the pictures that the arguments ask for.
pub(crate) async fn sample(arguments: &SampleArguments) -> anyhow::Result<()> {
    if let Some(out) = &arguments.out {
        check_out(out, "--out", "grid.png")?;
    }
    let path = checkpoint_of(&arguments.run)?;
    let state = checkpoint::decode(&read_tensors(&path)?)
        .map_err(|error| InputError::new(&path, error.to_string()))?;
    let device = ChosenDevice::open(&arguments.device).await?;
    let mut sampler = Sampler::new(&device.device, &state).await?;
    let latents: Vec<f32> = arguments.seeds.0.iter().copied().flat_map(latents).collect();
    let pixels = sampler.pictures(&latents).await?;
    let SampleShape { height, width, channels, .. } = sampler.image();
    let png = grid_png(&pixels, height, width, channels)?;

    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => new_file()?,
    };
    write_atomic(&out, &png).map_err(|error| {
        if arguments.out.is_none() {
            // It holds the name and nothing else.
            let _ = fs::remove_file(&out);
        }
        InputError::new(&out, format!("cannot be written: {error}"))
    })?;
    say(format_args!(
        "{}: {} pictures of {} (step {}) on {}",
        out.display(),
        arguments.seeds.0.len(),
        path.display(),
        state.step,
        device.name
    ));
    Ok(())
}

/// A run's newest checkpoint, or the file itself.
fn checkpoint_of(run: &Path) -> Result<PathBuf, InputError> {
    if run.is_dir() {
        RunDirectory::open(run, Path::new("."))?.newest_checkpoint()
    } else if run.exists() {
        Ok(run.to_owned())
    } else {
        Err(InputError::new(run, "is neither a run's folder nor a checkpoint: nothing is there"))
    }
}

/// Makes `sample-NNNNN.png` with the first number that is free.
fn new_file() -> anyhow::Result<PathBuf> {
    let mut number = 0_u32;
    loop {
        let path = PathBuf::from(format!("sample-{number:05}.png"));
        match File::create_new(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        }
    }
}
