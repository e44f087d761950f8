//! Prepared images, kept between runs.
//!
//! One file for each source and preparation, in a folder of the user's caches and never beside the
//! user's files. It serves while its checksum holds and every file of the source has the path, size
//! and time that it had; else it is made again. Runs at the same time write files of their own and
//! rename them when they are whole, so none sees half of one.

mod draft;
mod format;

use super::{Dataset, Pixels, Preparation, Problem, source::Listing};
pub(super) use draft::Draft;
pub(super) use format::{Trailer, Unusable};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

const EXTENSION: &str = "pixels";
const PARTIAL: &str = "partial";
/// After so long without a byte, nobody writes it any more.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// A folder for prepared images, bounded in size: those used longest ago go first.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: Option<PathBuf>,
    most_bytes: u64,
    memory_bytes: u64,
    room: u64,
}

impl Cache {
    /// The most bytes that a cache takes unless told otherwise: 20 GiB.
    pub const MOST_BYTES: u64 = 20 << 30;
    /// The most bytes of a data set that are held in memory unless told otherwise: 64 MiB.
    pub const MEMORY_BYTES: u64 = 64 << 20;

    /// In `folder`, which is made if need be and should hold nothing else.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..Self::none() }
    }

    /// None: all images stay in memory, and are prepared again in each run.
    pub fn none() -> Self {
        let (most_bytes, memory_bytes) = (Self::MOST_BYTES, Self::MEMORY_BYTES);
        Self { folder: None, most_bytes, memory_bytes, room: u64::MAX }
    }

    /// On a disk with room for so many bytes more.
    pub fn with_room(self, room: u64) -> Self {
        Self { room, ..self }
    }

    /// With at most so many bytes, or one file if that alone has more.
    pub fn bounded(self, most_bytes: u64) -> Self {
        Self { most_bytes, ..self }
    }

    /// With data sets of up to so many bytes in memory, and larger ones read image by image.
    pub fn in_memory_up_to(self, memory_bytes: u64) -> Self {
        Self { memory_bytes, ..self }
    }

    /// Whether a data set of so many bytes is held in memory.
    pub(super) fn is_small(&self, bytes: u64) -> bool {
        bytes <= self.memory_bytes
    }

    /// Where the images of a source are kept; `None` if they are not.
    pub(super) fn entry(&self, listing: &Listing, preparation: &Preparation) -> Option<Entry<'_>> {
        let folder = self.folder.as_deref()?;
        let place: String = listing
            .place_key(preparation)
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let path = folder.join(format!("{}-{place}.{EXTENSION}", listing.name));
        Some(Entry { cache: self, folder, path, state: listing.state_key() })
    }

    /// Removes what is abandoned, and the files used longest ago until the rest fits with `coming`
    /// bytes more; never `keep`. What cannot be removed stays: another run may be at it. Returns how
    /// many bytes are gone.
    fn tidy(&self, folder: &Path, keep: &Path, coming: u64) -> u64 {
        let Ok(entries) = fs::read_dir(folder) else { return 0 };
        let mut gone = 0;
        let now = SystemTime::now();
        let mut files = Vec::new();
        let mut total = 0;
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(metadata) = entry.metadata() else { continue };
            let used = metadata.modified().unwrap_or(now);
            let extension = path.extension().unwrap_or_default();
            if extension == PARTIAL && now.duration_since(used).is_ok_and(|idle| idle > ABANDONED) {
                gone += fs::remove_file(&path).map_or(0, |()| metadata.len());
            } else if extension == EXTENSION {
                total += metadata.len();
                files.push((used, path, metadata.len()));
            }
        }
        files.sort();
        for (_, path, bytes) in files.into_iter().filter(|(_, path, _)| path != keep) {
            if total.saturating_add(coming) <= self.most_bytes {
                break;
            }
            if fs::remove_file(&path).is_ok() {
                (total, gone) = (total - bytes, gone + bytes);
            }
        }
        gone
    }
}

/// Where the images of one source are kept.
pub(super) struct Entry<'a> {
    cache: &'a Cache,
    folder: &'a Path,
    path: PathBuf,
    state: [u8; 32],
}

impl Entry<'_> {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is kept; `None` if nothing is.
    pub(super) fn read(&self) -> Result<Option<Dataset>, Unusable> {
        let data = match format::open(&self.path, &self.state) {
            Err(Unusable::Io(error)) if is_missing(&error) => return Ok(None),
            other => other?,
        };
        // The time of the last use. A file system that keeps none keeps the order of making.
        let _ = fs::File::options()
            .append(true)
            .open(&self.path)
            .and_then(|file| file.set_modified(SystemTime::now()));
        Ok(Some(self.in_place(data)?))
    }

    /// Makes room for so many bytes.
    ///
    /// # Errors
    /// [`Problem::NoRoom`] if the disk has not so much.
    pub(super) fn make_room(&self, bytes: u64) -> Result<(), Problem> {
        let gone = self.cache.tidy(self.folder, &self.path, bytes);
        let room = self.cache.room.saturating_add(gone);
        if bytes > room { Err(Problem::NoRoom { bytes, room }) } else { Ok(()) }
    }

    /// A new file to write pixels to.
    pub(super) fn draft(&self) -> io::Result<Draft> {
        fs::create_dir_all(self.folder)?;
        Draft::create(&self.path)
    }

    /// Puts a whole draft in place, for this run and later ones.
    pub(super) fn keep(&self, draft: Draft, trailer: &Trailer) -> io::Result<Dataset> {
        let data = draft.finish(trailer, &self.state, Some(&self.path))?;
        self.cache.tidy(self.folder, &self.path, 0);
        self.in_place(data)
    }

    /// Uses a whole draft in this run alone.
    pub(super) fn use_once(&self, draft: Draft, trailer: &Trailer) -> io::Result<Dataset> {
        self.in_place(draft.finish(trailer, &self.state, None)?)
    }

    /// Reads pixels into memory if they are few.
    fn in_place(&self, mut data: Dataset) -> io::Result<Dataset> {
        if let Pixels::File(file) = &data.pixels
            && self.cache.is_small(file.bytes)
        {
            data.pixels = Pixels::Memory(file.read_all()?);
        }
        Ok(data)
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests;
