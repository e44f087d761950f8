//! Files that are whole or not there.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// Writes a file so that `path` holds its old contents or all of the new ones, whatever happens:
/// a new sibling, `NAME.partial`, is written, flushed to the disk and renamed.
///
/// # Errors
/// Where the file system fails; `path` then has its old contents.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut sibling = OsString::from(name);
    sibling.push(".partial");
    let sibling = path.with_file_name(sibling);
    let written = write_synced(&sibling, bytes).and_then(|()| fs::rename(&sibling, path));
    if let Err(error) = written {
        // The first error is the one to tell.
        let _ = fs::remove_file(&sibling);
        return Err(error);
    }
    sync_folder(path)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Flushes the rename itself to the disk, where folders can be opened.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        write_atomic(&path, b"old").unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_keeps_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        write_atomic(&path, b"old").unwrap();
        // A folder in the sibling's place cannot be written as a file.
        fs::create_dir(folder.path().join("a.safetensors.partial")).unwrap();
        assert!(write_atomic(&path, b"new").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert!(write_atomic(&folder.path().join("missing/a"), b"new").is_err());
    }
}
