//! Where converted images go: a zip or a folder, whole or not there.

use super::new_file::rename_to_new;
use crate::exit::InputError;
use gan::files::partial;
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

/// Files that appear under their common name once all are there, and vanish where they do not come
/// so far.
pub(super) struct Package {
    out: PathBuf,
    partial: PathBuf,
    writer: Option<Writer>,
}

enum Writer {
    Zip(Box<ZipWriter<BufWriter<File>>>),
    Folder,
}

impl Package {
    /// A zip if `out` ends so, else a folder; nothing may be there.
    pub(super) fn create(out: &Path) -> Result<Self, InputError> {
        let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
        if is_there(out) {
            return Err(InputError::new(out, "is there already; --out needs a new name"));
        }
        let partial = partial(out).map_err(|error| refused(out, &error))?;
        let is_zip = out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
        let writer = match is_zip {
            true => File::create_new(&partial)
                .map(|file| Writer::Zip(Box::new(ZipWriter::new(BufWriter::new(file))))),
            false => fs::create_dir(&partial).map(|()| Writer::Folder),
        };
        let writer = writer.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                let problem =
                    "is of a conversion that is under way, or was stopped: remove it then";
                InputError::new(&partial, problem)
            }
            _ => refused(&partial, &error),
        })?;
        Ok(Self { out: out.to_owned(), partial, writer: Some(writer) })
    }

    /// Adds a file.
    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), InputError> {
        let written = match &mut self.writer {
            // PNG files are compressed, and a fixed date keeps the bytes the same.
            Some(Writer::Zip(zip)) => {
                let options = SimpleFileOptions::default()
                    .compression_method(CompressionMethod::Stored)
                    .last_modified_time(DateTime::default())
                    .unix_permissions(0o644);
                let started = zip.start_file(name, options).map_err(ZipError::into);
                started.and_then(|()| zip.write_all(bytes))
            }
            Some(Writer::Folder) => fs::write(self.partial.join(name), bytes),
            None => Ok(()),
        };
        written.map_err(|error| refused(&self.partial, &error))
    }

    /// Gives all of it its name.
    pub(super) fn finish(mut self) -> Result<(), InputError> {
        let finished = match self.writer.take() {
            Some(Writer::Zip(zip)) => finish_zip(*zip),
            _ => Ok(()),
        };
        finished
            .and_then(|()| rename_to_new(&self.partial, &self.out))
            .map_err(|error| refused(&self.out, &error))
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        // Nothing is there after it has got its name, and there is nobody to tell of failures.
        let _ = match self.partial.is_dir() {
            true => fs::remove_dir_all(&self.partial),
            false => fs::remove_file(&self.partial),
        };
    }
}

fn finish_zip(zip: ZipWriter<BufWriter<File>>) -> io::Result<()> {
    let file = zip.finish().map_err(io::Error::from)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn refused(path: &Path, error: &io::Error) -> InputError {
    InputError::new(path, format!("cannot be written: {error}"))
}
