//! What `sample` and `export` take: a run, a checkpoint or a file of weights.

use crate::{
    args::OUTDIR,
    exit::InputError,
    run_directory::{RunDirectory, read_tensors},
};
use gan::{
    export::NetworkKind,
    state::TrainState,
    weights::{SavedState, read_state},
};
use std::path::{Path, PathBuf};

/// A state and the file that it was read from.
pub(crate) struct Trained {
    pub(crate) path: PathBuf,
    pub(crate) saved: SavedState,
}

impl Trained {
    /// `asked` is a run's folder, whose newest checkpoint is taken, a file, or `latest`.
    pub(crate) fn open(asked: &Path) -> Result<Self, InputError> {
        let path = if asked.is_dir() || RunDirectory::is_latest(asked) {
            RunDirectory::open(asked, Path::new(OUTDIR))?.newest_checkpoint()?
        } else if asked.exists() {
            asked.to_owned()
        } else {
            let problem = "is neither a run's folder nor a checkpoint: nothing is there";
            return Err(InputError::new(asked, problem));
        };
        let saved = read_state(&read_tensors(&path)?)
            .map_err(|error| InputError::new(&path, error.to_string()))?;
        Ok(Self { path, saved })
    }

    /// The state, if it has a trained generator to draw with.
    pub(crate) fn generator(&self) -> Result<&TrainState, InputError> {
        match self.saved.networks.contains(&NetworkKind::Generator) {
            true => Ok(&self.saved.state),
            false => {
                let problem = "has a discriminator alone; pictures are a generator's";
                Err(InputError::new(&self.path, problem))
            }
        }
    }

    /// The file, and after which step where that is known.
    pub(crate) fn name(&self) -> String {
        let path = self.path.display();
        match self.saved.origin.step {
            Some(step) => format!("{path} (step {step})"),
            None => path.to_string(),
        }
    }
}
