//! A file of pixels that is being written.

use super::{PARTIAL, Trailer, format};
use crate::data::{Dataset, PixelFile, Pixels, Problem, source::SharedFile};
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

/// Pixels on their way to a file. Dropping it removes the file.
pub(in crate::data) struct Draft {
    path: PathBuf,
    writer: BufWriter<File>,
    bytes: u64,
    crc: crc32fast::Hasher,
    /// Whether the file has another name by now.
    renamed: bool,
}

impl Draft {
    /// Beside `target`, under a name of its own.
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let mut name = OsString::from(".");
            name.push(target.file_name().ok_or(io::ErrorKind::InvalidInput)?);
            name.push(format!(".{}-{number}.{PARTIAL}", process::id()));
            let path = target.with_file_name(name);
            let options = File::options().read(true).write(true).create_new(true).open(&path);
            let file = match options {
                // Left by another process of the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other?,
            };
            let mut writer = BufWriter::with_capacity(1 << 20, file);
            writer.write_all(&format::HEADER)?;
            return Ok(Self {
                path,
                writer,
                bytes: 0,
                crc: crc32fast::Hasher::new(),
                renamed: false,
            });
        }
    }

    pub(in crate::data) fn write(&mut self, pixels: &[u8]) -> io::Result<()> {
        self.writer.write_all(pixels)?;
        self.bytes += pixels.len() as u64;
        self.crc.update(pixels);
        Ok(())
    }

    /// Gives what was written so far, `bytes` at a time, to `take`. Nothing may be written
    /// afterwards.
    pub(in crate::data) fn read_back(
        &mut self,
        bytes: usize,
        take: &mut dyn FnMut(Vec<u8>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.writer.flush().map_err(Problem::Cache)?;
        let file = self.writer.get_ref().try_clone().map_err(Problem::Cache)?;
        let file = SharedFile::new(file).at(format::START);
        let mut reader = io::BufReader::with_capacity(1 << 20, file);
        for _ in 0..self.bytes / bytes as u64 {
            let mut pixels = vec![0; bytes];
            reader.read_exact(&mut pixels).map_err(Problem::Cache)?;
            take(pixels)?;
        }
        Ok(())
    }

    /// Writes the end and gives the file its name, if it gets one.
    pub(super) fn finish(
        mut self,
        trailer: &Trailer,
        state: &[u8; 32],
        name: Option<&Path>,
    ) -> io::Result<Dataset> {
        let (bytes, crc) = (self.bytes, self.crc.clone().finalize());
        self.writer.write_all(&format::end(trailer, state, crc)?)?;
        self.writer.flush()?;
        let file = SharedFile::new(self.writer.get_ref().try_clone()?);
        let path = name.unwrap_or(&self.path).to_owned();
        let pixels = PixelFile { path, file, start: format::START, bytes, crc };
        let mut data = trailer.data_set(Pixels::File(pixels));
        match name.map(|name| (name, fs::rename(&self.path, name))) {
            None => {}
            Some((_, Ok(()))) => self.renamed = true,
            Some((name, Err(error))) => {
                let name = name.display();
                data.notes.push(format!("prepared for this run alone: {name}: {error}"));
            }
        }
        Ok(data)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.renamed {
            // An open file stays readable without a name.
            let _ = fs::remove_file(&self.path);
        }
    }
}
