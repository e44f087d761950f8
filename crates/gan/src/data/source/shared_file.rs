//! One open file, read at several places at once.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// Clones have places of their own. Unlike opening the file again, all see the same file, even if
/// another takes its name meanwhile.
#[derive(Clone, Debug)]
pub(in crate::data) struct SharedFile {
    file: Arc<Mutex<File>>,
    place: u64,
}

impl SharedFile {
    pub(in crate::data) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::new(File::open(path)?))
    }

    pub(in crate::data) fn new(file: File) -> Self {
        Self { file: Arc::new(Mutex::new(file)), place: 0 }
    }

    /// The same file, from `place` on.
    pub(in crate::data) fn at(&self, place: u64) -> Self {
        Self { file: Arc::clone(&self.file), place }
    }
}

impl Read for SharedFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // A panic while it was held leaves nothing half done: each read seeks first.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.place))?;
        let read = file.read(into)?;
        self.place += read as u64;
        Ok(read)
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.place.checked_add_signed(by),
            SeekFrom::End(by) => {
                let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::End(0))?.checked_add_signed(by)
            }
        };
        self.place = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.place)
    }
}
