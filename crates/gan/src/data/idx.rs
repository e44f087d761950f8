//! IDX files of images, MNIST's format: a big-endian header of magic 0x00000803, count, rows and
//! columns, then one byte a pixel.
//!
//! Source: <http://yann.lecun.com/exdb/mnist/>, "file formats".

use super::{DecodedImage, Format, Mode, Problem};
use flate2::read::GzDecoder;
use image::GrayImage;
use std::io::Read;

const MAGIC: u32 = 0x0000_0803;
const HEADER: usize = 16;
const LARGEST_SIDE: u32 = 8192;
/// The most bytes that are read from an IDX file, compressed or not.
pub(super) const LARGEST_BYTES: u64 = 1 << 30;

/// Grey images of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdxImages {
    /// The number of images, at least 1.
    pub count: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// `[count, height, width]`.
    pub pixels: Vec<u8>,
}

impl IdxImages {
    /// Image `index`; `None` past the end.
    pub fn image(&self, index: usize) -> Option<DecodedImage> {
        let pixels = self.pixels.chunks_exact((self.height * self.width).max(1)).nth(index)?;
        let (width, height) = (self.width as u32, self.height as u32);
        let image = GrayImage::from_raw(width, height, pixels.to_vec())?.into();
        Some(DecodedImage { image, format: Format::Idx, mode: Mode::Grey })
    }
}

/// Reads an IDX file of images, gzipped or not.
///
/// Memory stays below twice what the file really holds, whatever its header declares.
pub fn parse_idx(bytes: &[u8]) -> Result<IdxImages, Problem> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        parse_stream(GzDecoder::new(bytes))
    } else {
        parse_stream(bytes)
    }
}

fn parse_stream(mut stream: impl Read) -> Result<IdxImages, Problem> {
    let mut header = Vec::new();
    stream.by_ref().take(HEADER as u64).read_to_end(&mut header).map_err(Problem::Gzip)?;
    let &[magic, count, height, width] = header.as_chunks::<4>().0 else {
        return Err(Problem::Truncated { needed: HEADER as u64, found: header.len() as u64 });
    };
    let [magic, count, height, width] = [magic, count, height, width].map(u32::from_be_bytes);
    if magic != MAGIC {
        return Err(Problem::IdxMagic { found: magic });
    }
    let sides = 1..=LARGEST_SIDE;
    let length = (u64::from(count) * u64::from(height))
        .checked_mul(u64::from(width))
        .filter(|&length| (1..=LARGEST_BYTES).contains(&length))
        .filter(|_| sides.contains(&height) && sides.contains(&width))
        .ok_or(Problem::IdxSizes {
            count,
            height,
            width,
            largest_side: LARGEST_SIDE,
            largest_bytes: LARGEST_BYTES,
        })?;

    let needed = HEADER as u64 + length;
    let mut pixels = Vec::new();
    // One byte more than declared tells a file that goes on, and lets gzip check its own CRC.
    stream.take(length + 1).read_to_end(&mut pixels).map_err(Problem::Gzip)?;
    let found = pixels.len() as u64;
    if found < length {
        return Err(Problem::Truncated { needed, found: HEADER as u64 + found });
    }
    if found > length {
        return Err(Problem::TrailingBytes { needed });
    }
    let [count, height, width] = [count, height, width].map(|extent| extent as usize);
    Ok(IdxImages { count, height, width, pixels })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn idx(magic: u32, count: u32, height: u32, width: u32, pixels: &[u8]) -> Vec<u8> {
        let header = [magic, count, height, width].map(u32::to_be_bytes).concat();
        [header.as_slice(), pixels].concat()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_and_gzipped_files_read_alike() {
        let bytes = idx(MAGIC, 2, 1, 3, &[1, 2, 3, 4, 5, 6]);
        let images = parse_idx(&bytes).unwrap();
        let expected = IdxImages { count: 2, height: 1, width: 3, pixels: vec![1, 2, 3, 4, 5, 6] };
        assert_eq!(images, expected);
        assert_eq!(parse_idx(&gzip(&bytes)).unwrap(), expected);
    }

    #[test]
    fn every_truncation_is_an_error() {
        let bytes = idx(MAGIC, 2, 2, 2, &[9; 8]);
        let compressed = gzip(&bytes);
        for length in 0..bytes.len() {
            let error = parse_idx(&bytes[..length]).unwrap_err();
            assert!(matches!(error, Problem::Truncated { .. }), "{length}: {error}");
        }
        for length in 0..compressed.len() {
            assert!(parse_idx(&compressed[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn a_file_that_goes_on_is_an_error() {
        let error = parse_idx(&idx(MAGIC, 1, 2, 2, &[0; 5])).unwrap_err();
        assert!(matches!(error, Problem::TrailingBytes { needed: 20 }), "{error}");
    }

    #[test]
    fn wrong_magic_is_an_error() {
        let error = parse_idx(&idx(0x0801, 8, 0, 0, &[])).unwrap_err();
        assert!(matches!(error, Problem::IdxMagic { found: 0x0801 }), "{error}");
    }

    #[test]
    fn impossible_sizes_are_errors_before_memory_is_taken() {
        let largest = u32::MAX;
        for (count, height, width) in
            [(0, 28, 28), (1, 0, 28), (1, 28, 0), (1, 1, 8193), (largest, largest, largest)]
        {
            let error = parse_idx(&idx(MAGIC, count, height, width, &[])).unwrap_err();
            assert!(matches!(error, Problem::IdxSizes { .. }), "{error}");
        }
        let error = parse_idx(&idx(MAGIC, 1 << 20, 28, 28, &[0; 10])).unwrap_err();
        assert!(matches!(error, Problem::Truncated { .. }), "{error}");
    }

    #[test]
    fn a_gzip_bomb_is_read_no_further_than_declared() {
        let bomb = gzip(&idx(MAGIC, 1, 2, 2, &vec![0; 1 << 24]));
        let error = parse_idx(&bomb).unwrap_err();
        assert!(matches!(error, Problem::TrailingBytes { needed: 20 }), "{error}");
    }

    #[test]
    fn a_flipped_byte_of_a_gzip_file_is_noticed() {
        let mut bytes = gzip(&idx(MAGIC, 1, 8, 8, &(0..64).collect::<Vec<u8>>()));
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        assert!(parse_idx(&bytes).is_err());
    }
}
