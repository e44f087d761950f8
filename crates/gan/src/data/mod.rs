//! What a network learns from: sources of images, all of them in memory as 8-bit pixels, and the
//! order in which training takes them. A [`Feed`] prepares them ahead.
//!
//! Parsing works on bytes ([`parse_idx`], [`decode_image`]); only [`files`] touches a file system.

mod assemble;
mod batches;
mod decode;
mod error;
mod feed;
pub mod files;
mod idx;
mod permutation;

pub use assemble::{Assembler, LARGE, SMALL};
pub use batches::Batches;
pub use decode::{DecodedImage, decode_image};
pub use error::{DataError, Problem};
pub use feed::{BatchSource, Feed, Shuffled};
pub use idx::{IdxImages, parse_idx};
pub use permutation::Permutation;

use std::path::Path;

const DIGITS: &[u8] = include_bytes!("../../../../assets/t10k-images-idx3-ubyte.gz");

/// Images of one size in host memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// A short name fit for a folder's name, such as `digits`.
    pub name: String,
    /// The images, `[count, height, width, channels]`, 0 to 255.
    pub pixels: Vec<u8>,
    /// The number of images, at least 1.
    pub count: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// What was done to the images, in sentences for the user.
    pub notes: Vec<String>,
}

impl Dataset {
    /// The bundled digits: the 10,000 test images of MNIST, 28 x 28, grey.
    pub fn digits() -> Result<Self, DataError> {
        let at = |problem| DataError::new(Path::new("digits"), problem);
        let mut assembler = Assembler::default();
        assembler.add_idx(parse_idx(DIGITS).map_err(at)?);
        assembler.finish("digits").map_err(at)
    }

    /// Bytes of one image.
    pub fn image_bytes(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// The pixels of image `index`, `[height, width, channels]`; `None` past the end.
    pub fn image(&self, index: usize) -> Option<&[u8]> {
        self.pixels.chunks_exact(self.image_bytes()).nth(index)
    }

    /// A CRC-32 of shape and pixels: two sources with equal checksums train alike.
    pub fn checksum(&self) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        for extent in [self.count, self.height, self.width, self.channels] {
            hasher.update(&(extent as u64).to_le_bytes());
        }
        hasher.update(&self.pixels);
        hasher.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_digits_are_the_test_images_of_mnist() {
        let digits = Dataset::digits().unwrap();
        let shape = (digits.count, digits.height, digits.width, digits.channels);
        assert_eq!(shape, (10_000, 28, 28, 1));
        assert_eq!(digits.pixels.len(), 10_000 * 784);
        let mean = digits.pixels.iter().map(|&p| f64::from(p)).sum::<f64>() / 7_840_000.0 / 255.0;
        assert!((mean - 0.132_5).abs() < 1e-3, "the test images' published mean; found {mean}");
        assert_eq!(digits.image(10_000), None);
    }

    #[test]
    fn the_checksum_sees_every_pixel_and_the_shape() {
        let digits = Dataset::digits().unwrap();
        let mut changed = digits.clone();
        changed.pixels[5_000_000] ^= 1;
        assert_ne!(digits.checksum(), changed.checksum());
        let reshaped = Dataset { height: 14, width: 56, ..digits.clone() };
        assert_ne!(digits.checksum(), reshaped.checksum());
    }
}
