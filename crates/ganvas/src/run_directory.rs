//! A run's folder: numbered, never used twice, every file whole or not there.

mod find;
mod lock;
mod log;
mod outputs;
mod set_aside;

pub(crate) use lock::RunLock;
pub(crate) use log::Log;
pub(crate) use outputs::{check_apart, check_out, probe, write_out};

use crate::{exit::InputError, record::Record};
use anyhow::Context;
use find::runs;
use gan::{
    files::{PARTIAL, write_atomic},
    variants::ChosenVariants,
};
use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

const CHECKPOINTS: &str = "checkpoints";
const OPTIONS: &str = "options.json";
/// TensorBoard shows files that have `tfevents` in their names.
const EVENTS: &str = "events.out.tfevents.";
const VARIANTS: &str = "tuning.json";
/// Far more than any network's checkpoint, so that a wrong file is not read whole.
const LARGEST_CHECKPOINT: u64 = 8 << 30;
const LARGEST_OPTIONS: u64 = 1 << 20;
const LARGEST_PICTURE: u64 = 1 << 28;
/// The picture of what a run learns from.
pub(crate) const REALS: &str = "reals.png";

/// The folder of one run.
#[derive(Clone, Debug)]
pub(crate) struct RunDirectory {
    path: PathBuf,
}

impl RunDirectory {
    /// Makes `outdir/NNNNN-label` with the next number that is free.
    pub(crate) fn create(outdir: &Path, label: &str) -> anyhow::Result<Self> {
        let full =
            || InputError::new(outdir, format!("holds run {}, the last there can be", u32::MAX));
        let mut number = match runs(outdir)?.last() {
            Some((last, _)) => last.checked_add(1).ok_or_else(full)?,
            None => 0,
        };
        loop {
            let path = outdir.join(format!("{number:05}-{label}"));
            match fs::create_dir(&path) {
                Ok(()) => {
                    fs::create_dir(path.join(CHECKPOINTS))?;
                    return Ok(Self { path });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    number = number.checked_add(1).ok_or_else(full)?;
                }
                Err(error) => return Err(error).context(path.display().to_string()),
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The newest checkpoint.
    pub(crate) fn newest_checkpoint(&self) -> Result<PathBuf, InputError> {
        let folder = self.path.join(CHECKPOINTS);
        let checkpoints =
            self.checkpoints().map_err(|error| InputError::new(&folder, error.to_string()))?;
        let newest = checkpoints.into_iter().next_back();
        newest.ok_or_else(|| InputError::new(&folder, "holds no checkpoint"))
    }

    /// The checkpoint before another one of the run.
    pub(crate) fn checkpoint_before(&self, checkpoint: &Path) -> Option<PathBuf> {
        let checkpoints = self.checkpoints().ok()?;
        let is_it = |other: &PathBuf| other.file_name() == checkpoint.file_name();
        let place = checkpoints.iter().position(is_it)?;
        checkpoints.get(place.checked_sub(1)?).cloned()
    }

    /// Removes every checkpoint but the newest `keep`, which are safely on disk once they have their
    /// names, and all from one that may still be needed on.
    pub(crate) fn prune(&self, keep: NonZeroUsize, needed: Option<&Path>) -> anyhow::Result<()> {
        let checkpoints = self.checkpoints()?;
        let needed = needed.and_then(|needed| checkpoints.iter().position(|path| path == needed));
        let old = checkpoints.len().saturating_sub(keep.get());
        for old in checkpoints.iter().take(old.min(needed.unwrap_or(old))) {
            fs::remove_file(old).with_context(|| format!("cannot remove {}", old.display()))?;
        }
        Ok(())
    }

    /// Removes files that were being written when the run was killed.
    pub(crate) fn remove_partial_files(&self) -> anyhow::Result<()> {
        for folder in [&self.path, &self.path.join(CHECKPOINTS)] {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.as_os_str().as_encoded_bytes().ends_with(PARTIAL.as_bytes()) {
                    fs::remove_file(&path)
                        .with_context(|| format!("cannot remove {}", path.display()))?;
                }
            }
        }
        Ok(())
    }

    /// The checkpoints in the order of their steps.
    fn checkpoints(&self) -> io::Result<Vec<PathBuf>> {
        let mut checkpoints = Vec::new();
        for entry in fs::read_dir(self.path.join(CHECKPOINTS))? {
            let path = entry?.path();
            let name = path.file_name().and_then(OsStr::to_str);
            let step = name.and_then(|name| name.strip_suffix(".safetensors")?.parse::<u64>().ok());
            checkpoints.extend(step.map(|step| (step, path)));
        }
        checkpoints.sort();
        Ok(checkpoints.into_iter().map(|(_, path)| path).collect())
    }

    pub(crate) fn read_record(&self) -> Result<Record, InputError> {
        let path = self.path.join(OPTIONS);
        Record::parse(&path, &read_file(&path, LARGEST_OPTIONS)?)
    }

    pub(crate) fn write_record(&self, record: &Record) -> anyhow::Result<()> {
        self.write(OPTIONS, &record.to_json()?).map(|_| ())
    }

    /// Writes the variants of kernels that the run goes on in.
    pub(crate) fn write_variants(&self, variants: &ChosenVariants) -> anyhow::Result<()> {
        let mut bytes = serde_json::to_vec_pretty(variants)?;
        bytes.push(b'\n');
        self.write(VARIANTS, &bytes).map(|_| ())
    }

    /// Writes `checkpoints/NNNNNNNN.safetensors`.
    pub(crate) fn write_checkpoint(&self, step: u64, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        self.write(&format!("{CHECKPOINTS}/{step:08}.safetensors"), bytes)
    }

    /// Writes a file of the run, whole or not at all.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.path.join(name);
        write_atomic(&path, bytes).map_err(|error| not_written(&path, &error))?;
        Ok(path)
    }

    /// The files that nothing else may replace.
    pub(crate) fn records(&self) -> Result<Vec<PathBuf>, InputError> {
        let [stats, metrics] = Log::ALL.map(Log::name);
        let named = [OPTIONS, stats, metrics, VARIANTS, REALS].map(|name| self.path.join(name));
        let pictures = self.pictures()?.into_iter().map(|drawn| drawn.path);
        let checkpoints = self.checkpoints().unwrap_or_default();
        Ok(named.into_iter().chain(pictures).chain(checkpoints).collect())
    }

    /// What it draws over time, from the first picture to the last.
    pub(crate) fn pictures(&self) -> Result<Vec<Drawn>, InputError> {
        let cannot = |error: io::Error| InputError::new(&self.path, error.to_string());
        let mut pictures = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            let name = path.file_name().and_then(OsStr::to_str).filter(|_| path.is_file());
            let step = name.and_then(|name| name.strip_prefix("fakes-")?.strip_suffix(".png"));
            let step = match step {
                Some("init") => Some(None),
                step => step.and_then(|step| step.parse().ok()).map(Some),
            };
            pictures.extend(step.map(|step| Drawn { step, path }));
        }
        pictures.sort();
        Ok(pictures)
    }

    /// The picture of what it learns from, once it is there.
    pub(crate) fn reals(&self) -> Result<Option<Vec<u8>>, InputError> {
        let path = self.path.join(REALS);
        path.exists().then(|| read_file(&path, LARGEST_PICTURE)).transpose()
    }

    /// Makes the TensorBoard file of a session. Readers take a folder's files in the order of their
    /// names.
    pub(crate) fn new_events(&self) -> anyhow::Result<(PathBuf, File)> {
        let mut number = 0_u32;
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            let of = name.to_str().and_then(|name| name.strip_prefix(EVENTS)?.split_once('.'));
            let of = of.and_then(|(number, _)| number.parse::<u32>().ok());
            number = number.max(of.map_or(0, |of| of.saturating_add(1)));
        }
        let path = self.path.join(format!("{EVENTS}{number:05}.ganvas"));
        match File::create_new(&path) {
            Ok(file) => Ok((path, file)),
            Err(error) => Err(not_written(&path, &error).into()),
        }
    }
}

fn not_written(path: &Path, error: &io::Error) -> InputError {
    InputError::new(path, format!("cannot be written: {error}"))
}

/// A picture of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Drawn {
    /// Steps done; `None` before the first.
    pub(crate) step: Option<u64>,
    pub(crate) path: PathBuf,
}

impl Drawn {
    /// The file's bytes.
    pub(crate) fn png(&self) -> Result<Vec<u8>, InputError> {
        read_file(&self.path, LARGEST_PICTURE)
    }
}

/// The bytes of a safetensors file: a checkpoint, or weights.
pub(crate) fn read_tensors(path: &Path) -> Result<Vec<u8>, InputError> {
    read_file(path, LARGEST_CHECKPOINT)
}

fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, InputError> {
    let cannot = |error| InputError::new(path, format!("cannot be read: {error}"));
    let metadata = fs::metadata(path).map_err(cannot)?;
    if !metadata.is_file() || metadata.len() > limit {
        let problem = format!("is not a file of at most {limit} bytes");
        return Err(InputError::new(path, problem));
    }
    fs::read(path).map_err(cannot)
}

#[cfg(test)]
mod tests;
