//! Pictures as small as a page can show them.

use image::{
    DynamicImage, ImageError, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder,
    imageops::FilterType,
};
use std::io::Cursor;

/// Bytes of a picture that is taken as it is, and about the most that others take.
pub(super) const LARGEST: u64 = 300_000;
/// Pixels of the longer side: a laptop shows no more of two beside each other.
const LONGEST_SIDE: u32 = 1100;
/// From 1 to 100.
const JPEG_QUALITY: u8 = 85;
/// Of a decoded picture.
const LARGEST_DECODED: u64 = 1 << 30;

/// A PNG as it is if it is small; else scaled down to what is seen of it, and a JPEG if it has no
/// transparency.
pub(super) fn shrunk(png: Vec<u8>) -> Result<Vec<u8>, ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(&png), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_alloc = Some(LARGEST_DECODED);
    reader.limits(limits);
    let picture = reader.decode()?;
    if png.len() as u64 <= LARGEST {
        return Ok(png);
    }
    let picture = match picture.width().max(picture.height()) > LONGEST_SIDE {
        true => picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Triangle),
        false => picture,
    };
    let mut bytes = Vec::new();
    if picture.color().has_alpha() {
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    } else {
        let picture = match picture {
            DynamicImage::ImageLuma8(_) => picture,
            other => other.into_rgb8().into(),
        };
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
    }
    Ok(if bytes.len() < png.len() { bytes } else { png })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage, RgbaImage};

    /// Noise, which no format makes small.
    fn noise(x: u32, y: u32, channel: u32) -> u8 {
        let mixed = (x * 7919 + y * 104_729 + channel * 1_299_709).wrapping_mul(2_654_435_761);
        (mixed >> 24) as u8
    }

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    #[test]
    fn what_is_large_is_scaled_down_and_what_is_small_stays() {
        let small = png(&RgbImage::from_pixel(40, 30, Rgb([1, 2, 3])).into());
        assert_eq!(shrunk(small.clone()).unwrap(), small);
        let large = RgbImage::from_fn(2200, 1650, |x, y| Rgb([0, 1, 2].map(|c| noise(x, y, c))));
        let large = png(&large.into());
        let page = shrunk(large.clone()).unwrap();
        assert!(page.len() * 5 < large.len(), "{} of {}", page.len(), large.len());
        assert_eq!(image::guess_format(&page).unwrap(), ImageFormat::Jpeg);
        let page = image::load_from_memory(&page).unwrap();
        assert_eq!((page.width(), page.height()), (1100, 825));
        let clear =
            RgbaImage::from_fn(1200, 300, |x, y| image::Rgba([0, 1, 2, 3].map(|c| noise(x, y, c))));
        let page = image::load_from_memory(&shrunk(png(&clear.into())).unwrap()).unwrap();
        assert!(page.color().has_alpha() && page.width() == 1100);
        assert!(shrunk(Vec::new()).is_err() && shrunk(b"no picture".to_vec()).is_err());
    }
}
