//! Images of one size, in memory or in a file.

use super::{BadFiles, Cache, DataError, Preparation, Problem, files, source::SharedFile};
use std::{
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// Images of one size.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// A short name fit for a folder's name, such as `digits`.
    pub name: String,
    /// The images, 0 to 255.
    pub pixels: Pixels,
    /// The number of images, at least 1.
    pub count: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// 1 (grey), 3 (red, green, blue) or 4 (with transparency, colours multiplied by alpha).
    pub channels: usize,
    /// What was done to the images, in sentences for the user.
    pub notes: Vec<String>,
    /// The files that were left out as bad, each with what is wrong with it.
    pub skipped: Vec<String>,
}

/// Where pixels are, `[count, height, width, channels]`.
#[derive(Clone, Debug)]
pub enum Pixels {
    /// In memory.
    Memory(Vec<u8>),
    /// In a file, read image by image.
    File(PixelFile),
}

/// A part of an open file, which stays readable if the file is removed or replaced.
#[derive(Clone, Debug)]
pub struct PixelFile {
    pub(super) path: PathBuf,
    pub(super) file: SharedFile,
    /// Where the first image starts.
    pub(super) start: u64,
    /// The length and CRC-32 of the pixels.
    pub(super) bytes: u64,
    pub(super) crc: u32,
}

impl Dataset {
    /// The bundled digits: the 10,000 test images of MNIST, 28 x 28, grey.
    pub fn digits() -> Result<Self, DataError> {
        let preparation = Preparation { bad_files: BadFiles::Refuse, ..Preparation::default() };
        files::load("digits", &preparation, &Cache::none(), &|_, _| {})
    }

    /// Images in memory, of height, width and channels `shape`.
    pub fn in_memory(name: &str, pixels: Vec<u8>, [height, width, channels]: [usize; 3]) -> Self {
        let count = pixels.len() / (height * width * channels).max(1);
        let (name, pixels) = (name.to_owned(), Pixels::Memory(pixels));
        let (notes, skipped) = (Vec::new(), Vec::new());
        Self { name, pixels, count, height, width, channels, notes, skipped }
    }

    /// Bytes of one image.
    pub fn image_bytes(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Adds the pixels of image `index`, `[height, width, channels]`, to `into`.
    ///
    /// # Errors
    /// Past the end, or if they lie in a file that cannot be read any more.
    pub fn append_image(&self, index: usize, into: &mut Vec<u8>) -> Result<(), DataError> {
        let (bytes, images) = (self.image_bytes(), self.count);
        let at = |problem| DataError::new(Path::new(&self.name), problem);
        let none = || at(Problem::NoSuchImage { index, images });
        match &self.pixels {
            Pixels::Memory(pixels) => {
                into.extend_from_slice(pixels.chunks_exact(bytes).nth(index).ok_or_else(none)?);
                Ok(())
            }
            Pixels::File(_) if index >= images => Err(none()),
            Pixels::File(file) => file.append(index as u64 * bytes as u64, bytes, into),
        }
    }

    /// The pixels of image `index`, `[height, width, channels]`.
    ///
    /// # Errors
    /// As [`Dataset::append_image`].
    pub fn image(&self, index: usize) -> Result<Vec<u8>, DataError> {
        let mut pixels = Vec::with_capacity(self.image_bytes());
        self.append_image(index, &mut pixels)?;
        Ok(pixels)
    }

    /// A CRC-32 of shape and pixels: two sources with equal checksums train alike.
    pub fn checksum(&self) -> u32 {
        let mut whole = crc32fast::Hasher::new();
        for extent in [self.count, self.height, self.width, self.channels] {
            whole.update(&(extent as u64).to_le_bytes());
        }
        match &self.pixels {
            Pixels::Memory(pixels) => whole.update(pixels),
            Pixels::File(PixelFile { bytes, crc, .. }) => {
                whole.combine(&crc32fast::Hasher::new_with_initial_len(*crc, *bytes));
            }
        }
        whole.finalize()
    }
}

impl PixelFile {
    /// The file, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn append(&self, place: u64, bytes: usize, into: &mut Vec<u8>) -> Result<(), DataError> {
        let before = into.len();
        into.resize(before + bytes, 0);
        let mut file = self.file.at(self.start + place);
        let read = into.get_mut(before..).map_or(Ok(()), |into| file.read_exact(into));
        read.map_err(|error| {
            into.truncate(before);
            DataError::new(&self.path, Problem::Unreadable(error))
        })
    }

    /// All pixels.
    pub(super) fn read_all(&self) -> io::Result<Vec<u8>> {
        let mut file = self.file.clone();
        file.seek(SeekFrom::Start(self.start))?;
        let mut pixels = Vec::with_capacity(self.bytes as usize);
        file.take(self.bytes).read_to_end(&mut pixels)?;
        match pixels.len() as u64 == self.bytes {
            true => Ok(pixels),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(data: &Dataset) -> &[u8] {
        match &data.pixels {
            Pixels::Memory(pixels) => pixels,
            Pixels::File(file) => panic!("in {}", file.path().display()),
        }
    }

    #[test]
    fn the_bundled_digits_are_the_test_images_of_mnist() {
        let digits = Dataset::digits().unwrap();
        let shape = (digits.count, digits.height, digits.width, digits.channels);
        assert_eq!(shape, (10_000, 28, 28, 1));
        assert_eq!(pixels(&digits).len(), 10_000 * 784);
        let sum: f64 = pixels(&digits).iter().map(|&p| f64::from(p)).sum();
        let mean = sum / 7_840_000.0 / 255.0;
        assert!((mean - 0.132_5).abs() < 1e-3, "the test images' published mean; found {mean}");
        assert!(digits.notes.is_empty(), "{:?}", digits.notes);
        let error = digits.image(10_000).unwrap_err();
        assert!(matches!(error.problem, Problem::NoSuchImage { index: 10_000, .. }), "{error}");
    }

    #[test]
    fn the_checksum_sees_every_pixel_and_the_shape() {
        let digits = Dataset::digits().unwrap();
        let mut changed = pixels(&digits).to_vec();
        changed[5_000_000] ^= 1;
        let changed = Dataset { pixels: Pixels::Memory(changed), ..digits.clone() };
        assert_ne!(digits.checksum(), changed.checksum());
        let reshaped = Dataset { height: 14, width: 56, ..digits.clone() };
        assert_ne!(digits.checksum(), reshaped.checksum());
    }
}
