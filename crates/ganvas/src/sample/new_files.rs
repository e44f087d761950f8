//! Files that replace none.

use crate::{exit::InputError, run_directory::probe};
use anyhow::Context;
use gan::files::write_atomic;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Makes `sample-NNNNN.EXTENSION` with the first number that is free.
pub(super) fn new_file(extension: &str) -> anyhow::Result<PathBuf> {
    let mut number = 0_u32;
    loop {
        let path = PathBuf::from(format!("sample-{number:05}.{extension}"));
        match File::create_new(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        }
    }
}

/// A folder that gets new files.
pub(super) struct NewFolder {
    path: PathBuf,
}

impl NewFolder {
    /// Makes the folder if it is missing, and refuses one that has any of these files. `option`
    /// named it.
    pub(super) fn open(path: &Path, option: &str, names: &[String]) -> Result<Self, InputError> {
        if let Some(taken) = names.iter().map(|name| path.join(name)).find(|file| is_there(file)) {
            let problem = format!(
                "is there already, and no file is replaced; {option} needs \
                 another folder"
            );
            return Err(InputError::new(&taken, problem));
        }
        probe(path)?;
        Ok(Self { path: path.to_owned() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file, whole or not at all.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), InputError> {
        let path = self.path.join(name);
        write_atomic(&path, bytes)
            .map_err(|error| InputError::new(&path, format!("cannot be written: {error}")))
    }
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
