//! The run's logs: JSON objects, one a line, each with its `step`.

use super::{RunDirectory, not_written, read_file};
use crate::exit::InputError;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::PathBuf,
};

const LARGEST: u64 = 1 << 30;

/// A log of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    /// A line a tick.
    Stats,
    /// A line a snapshot, where scores are asked for.
    Metrics,
}

impl Log {
    pub(crate) const ALL: [Self; 2] = [Self::Stats, Self::Metrics];

    /// Its file.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Stats => "stats.jsonl",
            Self::Metrics => "metrics.jsonl",
        }
    }
}

impl RunDirectory {
    fn log(&self, log: Log) -> PathBuf {
        self.path.join(log.name())
    }

    /// What a log holds; nothing if it is not there yet.
    pub(crate) fn read_log(&self, log: Log) -> Result<String, InputError> {
        let path = self.log(log);
        match path.exists() {
            true => Ok(String::from_utf8_lossy(&read_file(&path, LARGEST)?).into_owned()),
            false => Ok(String::new()),
        }
    }

    /// Adds a line to a log.
    pub(crate) fn append(&self, log: Log, line: &str) -> anyhow::Result<()> {
        let path = self.log(log);
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
            .map_err(|error| not_written(&path, &error).into())
    }

    /// Flushes the logs to the disk.
    pub(crate) fn sync_logs(&self) -> anyhow::Result<()> {
        for path in Log::ALL.map(|log| self.log(log)) {
            match OpenOptions::new().append(true).open(&path).and_then(|file| file.sync_all()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(not_written(&path, &error).into());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Cuts lines after `step` from a log, and what no program can read. Returns the last line left.
    pub(crate) fn cut(&self, log: Log, step: u64) -> anyhow::Result<Option<serde_json::Value>> {
        let path = self.log(log);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(InputError::new(&path, format!("cannot be read: {error}")).into());
            }
            Ok(text) => text,
        };
        let mut kept = Vec::new();
        let mut last = None;
        for line in text.split(|&byte| byte == b'\n') {
            let value: Option<serde_json::Value> = serde_json::from_slice(line).ok();
            let of = value.as_ref().and_then(|value| value.get("step")?.as_u64());
            if of.is_some_and(|of| of <= step) {
                kept.extend_from_slice(line);
                kept.push(b'\n');
                last = value;
            }
        }
        if kept != text {
            self.write(log.name(), &kept)?;
        }
        Ok(last)
    }
}
