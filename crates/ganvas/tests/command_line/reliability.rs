//! The promises of `docs/reliability.md` that only the whole program can keep.

mod documented;
mod exact;
mod failures;
#[cfg(unix)]
mod full_disk;
#[cfg(unix)]
mod kills;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod soak;

use super::names;
use gan::{checkpoint::decode, state::TrainState};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of a run of the digits.
fn run_folder(folder: &Path, number: u32, preset: &str) -> PathBuf {
    folder.join(format!("runs/{number:05}-digits-{preset}"))
}

/// The files of a run's checkpoints that are whole by their names, in the order of their steps.
fn checkpoints(run: &Path) -> Vec<PathBuf> {
    let folder = run.join("checkpoints");
    let whole = |name: &String| name.ends_with(".safetensors");
    names(&folder).into_iter().filter(whole).map(|name| folder.join(name)).collect()
}

/// Files of a run that are not whole by their names.
fn partial_files(run: &Path) -> Vec<String> {
    let mut found = names(run);
    found.extend(names(&run.join("checkpoints")));
    found.retain(|name| name.ends_with(".partial"));
    found
}

#[track_caller]
fn state(checkpoint: &Path) -> TrainState {
    let bytes = fs::read(checkpoint).unwrap();
    decode(&bytes).unwrap_or_else(|error| panic!("{}: {error}", checkpoint.display()))
}

/// The lines of a run's log without what is a time.
pub(super) fn log_without_times(run: &Path) -> Vec<serde_json::Value> {
    let mut lines = super::stats(run);
    for line in &mut lines {
        // A session that measured other variants of kernels may hold other scratch memory.
        for other in ["seconds", "images_per_second", "memory_bytes"] {
            line.as_object_mut().unwrap().remove(other).unwrap();
        }
    }
    lines
}
