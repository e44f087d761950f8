//! Zip archives of images, read entry by entry. Nothing is ever written to disk by an entry's name.

use super::{
    Problem,
    names::{is_hidden, is_image},
};
use std::{
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};
use zip::{ZipArchive, result::ZipError};

/// The most entries that an archive may declare.
const MOST_ENTRIES: u64 = 1_000_000;

/// The images in a zip archive, in order of their names.
#[derive(Clone, Debug)]
pub struct ZipImages<R> {
    archive: ZipArchive<R>,
    images: Vec<usize>,
    /// Files that are not images, by their names.
    pub others: usize,
    /// Symbolic links, which are not followed.
    pub links: usize,
}

impl<R: Read + Seek + Clone> ZipImages<R> {
    /// Reads the archive's directory. Hidden files and what macOS adds are left out, as of folders.
    ///
    /// # Errors
    /// If it is damaged, declares more than a million entries, or entries that take more bytes
    /// together than the archive has.
    pub fn new(mut reader: R) -> Result<Self, Problem> {
        let bytes = reader.seek(SeekFrom::End(0)).map_err(Problem::Unreadable)?;
        let entries = most_declared(&mut reader, bytes).map_err(Problem::Unreadable)?;
        if entries > MOST_ENTRIES {
            return Err(Problem::ZipEntries { entries, limit: MOST_ENTRIES });
        }
        let mut archive = ZipArchive::new(reader).map_err(Problem::Zip)?;
        let (mut images, mut others, mut links, mut packed) = (Vec::new(), 0, 0, 0_u64);
        for index in 0..archive.len() {
            let name = archive.name_for_index(index).unwrap_or_default();
            if name.ends_with('/') || name.split('/').any(is_hidden) {
                continue;
            }
            if !is_image(Path::new(name)) {
                others += 1;
                continue;
            }
            let name = name.to_owned();
            match archive.by_index_raw(index) {
                Ok(entry) if entry.is_symlink() => links += 1,
                Ok(entry) => {
                    packed = packed.saturating_add(entry.compressed_size());
                    images.push((PathBuf::from(name), index));
                }
                // It is told of when its turn comes.
                Err(_) => images.push((PathBuf::from(name), index)),
            }
        }
        if packed > bytes {
            return Err(Problem::ZipOverlap { packed, bytes });
        }
        images.sort();
        let images = images.into_iter().map(|(_, index)| index).collect();
        Ok(Self { archive, images, others, links })
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The name of an image's entry, as the archive has it: it may be absolute or lead anywhere.
    pub fn name(&self, image: usize) -> &str {
        let name = self.images.get(image).and_then(|&index| self.archive.name_for_index(index));
        name.unwrap_or_default()
    }

    /// The bytes of an image's file, `limit` at most, checked against the archive's CRC-32.
    ///
    /// # Errors
    /// If the entry is encrypted, damaged, longer than it declares or declared longer than `limit`.
    pub fn read(&self, image: usize, limit: u64) -> Result<Vec<u8>, Problem> {
        let &index = self
            .images
            .get(image)
            .ok_or(Problem::NoSuchImage { index: image, images: self.images.len() })?;
        let mut archive = self.archive.clone();
        let entry = archive.by_index(index).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Problem::Encrypted,
            other => Problem::Zip(other),
        })?;
        let declared = entry.size();
        if declared > limit {
            return Err(Problem::FileTooLarge { bytes: declared, limit });
        }
        let mut bytes = Vec::new();
        // One byte more tells an entry that goes on, and lets the end check the CRC.
        let read = entry.take(declared + 1).read_to_end(&mut bytes);
        read.map_err(|error| match error.raw_os_error() {
            Some(_) => Problem::Unreadable(error),
            None => Problem::Zip(ZipError::Io(error)),
        })?;
        match bytes.len() as u64 {
            found if found > declared => Err(Problem::TrailingBytes { needed: declared }),
            found if found < declared => Err(Problem::Truncated { needed: declared, found }),
            _ => Ok(bytes),
        }
    }
}

/// The largest number of entries that any record of the archive's end declares.
///
/// Readers take memory for as many as are declared, and differ in which record they find: so all
/// count. Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16.
fn most_declared(reader: &mut (impl Read + Seek), bytes: u64) -> io::Result<u64> {
    const END: &[u8] = b"PK\x05\x06";
    const END_64: &[u8] = b"PK\x06\x06";
    const LOCATOR_64: &[u8] = b"PK\x06\x07";
    /// The record with the longest comment, and far more than a 64-bit one before it takes.
    const TAIL: u64 = 22 + 0xffff + (1 << 20);
    let start = bytes.saturating_sub(TAIL);
    reader.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    reader.take(TAIL).read_to_end(&mut tail)?;
    let number =
        |record: &[u8], at: usize| Some(u64::from_le_bytes(*record.get(at..)?.first_chunk()?));
    let counts = (0..tail.len()).filter_map(|place| tail.get(place..)).filter_map(|record| {
        if record.starts_with(END) {
            Some(u64::from(u16::from_le_bytes(*record.get(10..)?.first_chunk()?)))
        } else if record.starts_with(END_64) {
            // Pixels can look like the four bytes, but not like a record's length as well.
            number(record, 4).filter(|length| (40..=TAIL).contains(length))?;
            number(record, 32)
        } else if record.starts_with(LOCATOR_64) && number(record, 8)? < start {
            // A record too far away to be looked at.
            Some(u64::MAX)
        } else {
            None
        }
    });
    Ok(counts.max().unwrap_or(0))
}

#[cfg(test)]
mod tests;
