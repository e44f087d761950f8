//! Files that replace none.

use crate::{
    exit::InputError,
    run_directory::{check_apart, check_out, probe, write_out},
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Refuses a picture's file that cannot be written, before anything is drawn for it: the one asked
/// for, or a new one where none is named.
pub(super) fn check_picture(
    asked: Option<&Path>,
    example: &str,
    checkpoint: &Path,
) -> Result<(), InputError> {
    let Some(out) = asked else { return probe(Path::new(".")) };
    check_out(out, "--out", example)?;
    check_apart(&[("--out", out)], &[checkpoint])
}

/// Writes a picture to the file asked for, or to a new one, and returns which.
pub(super) fn write_picture(
    asked: Option<&Path>,
    extension: &str,
    bytes: &[u8],
) -> Result<PathBuf, InputError> {
    match asked {
        Some(out) => {
            write_out(out, bytes)?;
            Ok(out.to_owned())
        }
        None => NewFile::reserve(Path::new(""), extension)?.write(bytes),
    }
}

/// A new file that has its name and nothing else, and goes unless it is written.
struct NewFile {
    path: PathBuf,
    written: bool,
}

impl NewFile {
    /// Makes `sample-NNNNN.EXTENSION` with the first number that is free.
    fn reserve(folder: &Path, extension: &str) -> Result<Self, InputError> {
        let mut number = 0_u32;
        loop {
            let path = folder.join(format!("sample-{number:05}.{extension}"));
            match File::create_new(&path) {
                Ok(_) => return Ok(Self { path, written: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => {
                    return Err(InputError::new(&path, format!("cannot be written: {error}")));
                }
            }
        }
    }

    fn write(mut self, bytes: &[u8]) -> Result<PathBuf, InputError> {
        write_out(&self.path, bytes)?;
        self.written = true;
        Ok(self.path.clone())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.written {
            // What failed before is what there is to tell.
            let _ = fs::remove_file(&self.path);
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
        write_out(&self.path.join(name), bytes)
    }
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn a_new_file_has_a_free_number_and_goes_unless_it_is_written() {
        let folder = TempDir::new().unwrap();
        let reserve = || NewFile::reserve(folder.path(), "gif").unwrap();
        let first = reserve().write(b"film").unwrap();
        assert!(first.ends_with("sample-00000.gif"));
        let second = reserve();
        assert!(second.path.ends_with("sample-00001.gif") && second.path.exists());
        drop(second);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(fs::read(first).unwrap(), b"film");
        let error = NewFile::reserve(&folder.path().join("none"), "gif").err().unwrap();
        assert!(error.to_string().contains("sample-00000.gif: cannot be written: "), "{error}");
    }
}
