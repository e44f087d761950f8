//! Files and folders that get their name once they are whole.

use gan::files::PARTIAL;
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

/// `NAME.partial`, beside `path`.
pub(super) fn partial(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(PARTIAL);
    name.into()
}

/// Gives `partial` the name `path` unless something else has it by now.
pub(super) fn rename_to_new(partial: &Path, path: &Path) -> io::Result<()> {
    match path.try_exists()? {
        true => Err(io::ErrorKind::AlreadyExists.into()),
        false => fs::rename(partial, path),
    }
}
