//! One process trains a run at a time.

use super::RunDirectory;
use crate::exit::InputError;
use fs4::{FileExt, TryLockError};
use std::fs::File;

const LOCK: &str = ".lock";

/// Held by the process that trains a run, until it ends in whatever way.
#[derive(Debug)]
pub(crate) struct RunLock {
    _file: File,
}

impl RunDirectory {
    /// Takes the run for this process. A file system that knows no locks has none to take.
    ///
    /// # Errors
    /// If another process has it, or its folder cannot be written to.
    pub(crate) fn lock(&self) -> Result<RunLock, InputError> {
        let path = self.path.join(LOCK);
        let file = File::options().create(true).append(true).open(&path);
        let file = file.map_err(|error| super::not_written(&path, &error))?;
        match FileExt::try_lock(&file) {
            Err(TryLockError::WouldBlock) => {
                let problem = "is being trained by another process; wait until it ends or stop it";
                Err(InputError::new(&self.path, problem))
            }
            Ok(()) | Err(TryLockError::Error(_)) => Ok(RunLock { _file: file }),
        }
    }
}
