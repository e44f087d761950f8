//! Files and folders that get their name once they are whole.

use std::{fs, io, path::Path};

/// Gives `partial` the name `path` unless something else has it by now.
pub(super) fn rename_to_new(partial: &Path, path: &Path) -> io::Result<()> {
    match path.try_exists()? {
        true => Err(io::ErrorKind::AlreadyExists.into()),
        false => fs::rename(partial, path),
    }
}
