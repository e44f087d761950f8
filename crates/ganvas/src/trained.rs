//! What `sample` and `export` take: a run, a checkpoint or a file of weights.

use crate::{
    exit::InputError,
    run_directory::{RunDirectory, read_tensors},
};
use gan::{state::TrainState, weights::read_state};
use std::path::{Path, PathBuf};

/// A state and the file that it was read from.
pub(crate) struct Trained {
    pub(crate) path: PathBuf,
    pub(crate) state: TrainState,
}

impl Trained {
    /// `asked` is a run's folder, whose newest checkpoint is taken, or a file.
    pub(crate) fn open(asked: &Path) -> Result<Self, InputError> {
        let path = if asked.is_dir() {
            RunDirectory::open(asked, Path::new("."))?.newest_checkpoint()?
        } else if asked.exists() {
            asked.to_owned()
        } else {
            let problem = "is neither a run's folder nor a checkpoint: nothing is there";
            return Err(InputError::new(asked, problem));
        };
        let state = read_state(&read_tensors(&path)?)
            .map_err(|error| InputError::new(&path, error.to_string()))?;
        Ok(Self { path, state })
    }
}
