//! The file of prepared images: a header, the pixels of all images, and a trailer in JSON that
//! says what they are, with its length and CRC-32. The trailer has the pixels' CRC-32, so that any
//! damage is noticed.

use crate::data::{Dataset, PixelFile, Pixels, source::SharedFile};
use serde::{Deserialize, Serialize};
use std::{
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// The last byte is a version. It changes whenever the same source would be prepared in another
/// way.
pub(super) const HEADER: [u8; 16] = *b"Ganvas pixels \0\x01";
/// Where the pixels start.
pub(super) const START: u64 = HEADER.len() as u64;
/// The trailer's length and CRC-32.
const FOOT: u64 = 12;
const LONGEST_TRAILER: u64 = 256 << 20;

/// Why a file cannot serve.
#[derive(Debug, thiserror::Error)]
pub(in crate::data) enum Unusable {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it is not a cache of this version of Ganvas")]
    Version,
    #[error("it is cut short")]
    Cut,
    #[error("it is damaged")]
    Damaged,
    #[error("the images have changed since")]
    Stale,
}

/// What a file's pixels are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::data) struct Trailer {
    pub(in crate::data) name: String,
    pub(in crate::data) count: usize,
    pub(in crate::data) height: usize,
    pub(in crate::data) width: usize,
    pub(in crate::data) channels: usize,
    pub(in crate::data) notes: Vec<String>,
    pub(in crate::data) skipped: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    /// The state of the source, in hexadecimal digits.
    state: String,
    pixels_crc: u32,
    #[serde(flatten)]
    trailer: Trailer,
}

impl Trailer {
    fn bytes(&self) -> Option<u64> {
        let extents = [self.count, self.height, self.width, self.channels];
        extents.into_iter().try_fold(1_u64, |bytes, extent| bytes.checked_mul(extent as u64))
    }

    /// The data set with these pixels.
    pub(in crate::data) fn data_set(&self, pixels: Pixels) -> Dataset {
        let Self { name, count, height, width, channels, notes, skipped } = self.clone();
        Dataset { name, pixels, count, height, width, channels, notes, skipped }
    }
}

/// What follows the pixels.
pub(super) fn end(trailer: &Trailer, state: &[u8; 32], pixels_crc: u32) -> io::Result<Vec<u8>> {
    let written = Written { state: hexadecimal(state), pixels_crc, trailer: trailer.clone() };
    let mut bytes = serde_json::to_vec(&written)?;
    let foot = ((bytes.len() as u64).to_le_bytes(), crc32fast::hash(&bytes).to_le_bytes());
    bytes.extend(foot.0);
    bytes.extend(foot.1);
    Ok(bytes)
}

/// Opens a file and reads it all to check it.
pub(super) fn open(path: &Path, state: &[u8; 32]) -> Result<Dataset, Unusable> {
    let mut file = SharedFile::open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    let part = |from: u64, bytes: u64| -> Result<Vec<u8>, Unusable> {
        let mut part = Vec::new();
        file.at(from).take(bytes).read_to_end(&mut part)?;
        if part.len() as u64 == bytes { Ok(part) } else { Err(Unusable::Cut) }
    };
    if part(0, START)? != HEADER {
        return Err(Unusable::Version);
    }
    let foot_place =
        length.checked_sub(FOOT).filter(|&place| place >= START).ok_or(Unusable::Cut)?;
    let foot = part(foot_place, FOOT)?;
    let (&json_length, json_crc) = foot.split_first_chunk::<8>().ok_or(Unusable::Cut)?;
    let json_length = u64::from_le_bytes(json_length);
    let json_place = foot_place
        .checked_sub(json_length)
        .filter(|&place| place >= START && json_length <= LONGEST_TRAILER)
        .ok_or(Unusable::Cut)?;
    let json = part(json_place, json_length)?;
    if crc32fast::hash(&json).to_le_bytes() != json_crc {
        return Err(Unusable::Damaged);
    }
    let Written { state: kept, pixels_crc: crc, trailer } =
        serde_json::from_slice(&json).map_err(|_| Unusable::Version)?;
    if kept != hexadecimal(state) {
        return Err(Unusable::Stale);
    }
    let bytes = json_place - START;
    if trailer.bytes() != Some(bytes) || trailer.count == 0 {
        return Err(Unusable::Damaged);
    }
    let path = path.to_owned();
    let pixels = PixelFile { path, file: file.clone(), start: START, bytes, crc };
    check(&pixels)?;
    Ok(trailer.data_set(Pixels::File(pixels)))
}

fn check(pixels: &PixelFile) -> Result<(), Unusable> {
    let mut found = crc32fast::Hasher::new();
    let mut reader = pixels.file.at(pixels.start).take(pixels.bytes);
    let mut part = vec![0; 1 << 20];
    loop {
        match reader.read(&mut part)? {
            0 => break,
            read => found.update(part.get(..read).unwrap_or_default()),
        }
    }
    if found.finalize() == pixels.crc { Ok(()) } else { Err(Unusable::Damaged) }
}

fn hexadecimal(key: &[u8; 32]) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}
