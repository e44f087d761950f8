//! Files that are whole or not there.

mod disk;

use disk::{Disk, LocalDisk};
use std::{
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What the name of a file that is not whole yet ends with.
pub const PARTIAL: &str = ".partial";

/// Writes a file so that `path` holds its old contents or all of the new ones, whatever happens:
/// a new sibling, `NAME.partial`, is written, flushed to the disk and renamed.
///
/// # Errors
/// Where the file system fails; `path` then has its old contents, and no sibling is left. Only
/// where the folder cannot be flushed at the end has it the new ones, which a power cut may undo.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_atomic_on(&mut LocalDisk, path, bytes)
}

fn write_atomic_on(disk: &mut impl Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let sibling = partial(path)?;
    let written = write_synced(disk, &sibling, bytes).and_then(|()| disk.rename(&sibling, path));
    if let Err(error) = written {
        // The first error is the one to tell.
        let _ = disk.remove(&sibling);
        return Err(error);
    }
    disk.sync_folder_of(path)
}

fn write_synced(disk: &mut impl Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = disk.create(path)?;
    file.write_all(bytes)?;
    disk.sync(file)
}

/// `NAME.partial`, beside `path`.
///
/// # Errors
/// If the path names no file.
pub fn partial(path: &Path) -> io::Result<PathBuf> {
    let mut name = OsString::from(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(PARTIAL);
    Ok(path.with_file_name(name))
}

#[cfg(test)]
mod tests;
