//! The session's TensorBoard file in the run's folder.

use crate::{exit::InputError, progress::Tick, run_directory::RunDirectory};
use records::events::{EventFile, Moment};
use std::{
    fs::File,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// An event file that is being written.
pub(crate) struct EventLog {
    path: PathBuf,
    events: EventFile<File>,
}

impl EventLog {
    /// Begins the file of a session that draws and counts from `step` on. What earlier files have
    /// from there on, TensorBoard no longer shows.
    pub(crate) fn begin(run: &RunDirectory, step: u64) -> anyhow::Result<Self> {
        let (path, file) = run.new_events()?;
        let events = EventFile::begin(file, now(step)).map_err(|error| failed(&path, error))?;
        Ok(Self { path, events })
    }

    /// Adds every number of a tick.
    pub(super) fn tick(&mut self, tick: &Tick) -> anyhow::Result<()> {
        Ok(self.numbers(tick.step, &serde_json::to_value(tick)?)?)
    }

    /// Adds every number of a line.
    pub(super) fn numbers(
        &mut self,
        step: u64,
        line: &serde_json::Value,
    ) -> Result<(), InputError> {
        let added = self.events.scalars(now(step), line);
        added.map_err(|error| failed(&self.path, error))
    }

    /// Adds a picture.
    pub(super) fn picture(&mut self, step: u64, tag: &str, png: &[u8]) -> Result<(), InputError> {
        let added = self.events.picture(now(step), tag, png);
        added.map_err(|error| failed(&self.path, error))
    }
}

fn now(step: u64) -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Moment { step, wall_time: since.map_or(0.0, |since| since.as_secs_f64()) }
}

fn failed(path: &Path, error: impl std::fmt::Display) -> InputError {
    InputError::new(path, error.to_string())
}
