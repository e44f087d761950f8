//! Image files of any kind and size, as a square of 8-bit pixels.

use super::Problem;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, imageops,
    metadata::Orientation,
};
use std::io::Cursor;

const FORMATS: [ImageFormat; 5] =
    [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::WebP];
const LARGEST_SIDE: u32 = 8192;
const LARGEST_BYTES: u64 = 256 << 20;

/// A decoded image, cut to its centre square.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedImage {
    /// Red, green and blue.
    pub square: RgbImage,
    /// Whether all three are equal in every pixel.
    pub grey: bool,
    /// Whether the file was not square.
    pub cropped: bool,
    /// Whether the file could be transparent, and was laid over white.
    pub had_alpha: bool,
}

/// Decodes a PNG, JPEG, BMP, GIF or WebP image (of an animation, the first frame), turns it as its
/// EXIF orientation says, cuts out the centre square and lays it over white.
///
/// At most 8192 x 8192 pixels and 256 MiB decoded; larger ones are errors before they are decoded.
pub fn decode_image(bytes: &[u8]) -> Result<DecodedImage, Problem> {
    let format = image::guess_format(bytes).map_err(|_| Problem::NotAnImage)?;
    if !FORMATS.contains(&format) {
        return Err(Problem::NotAnImage);
    }
    if format == ImageFormat::Jpeg && jpeg_end(bytes).is_none() {
        return Err(Problem::JpegWithoutEnd);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(LARGEST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(Problem::Undecodable)?;

    let (width, height) = decoder.dimensions();
    let too_large = Problem::ImageTooLarge {
        width,
        height,
        bytes: decoder.total_bytes(),
        largest_side: LARGEST_SIDE,
        largest_bytes: LARGEST_BYTES,
    };
    if width.max(height) > LARGEST_SIDE || decoder.total_bytes() > LARGEST_BYTES {
        return Err(too_large);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|error| match error {
        ImageError::Limits(_) => too_large,
        other => Problem::Undecodable(other),
    })?;
    Ok(centre_square(&image, orientation))
}

/// What follows a JPEG image's end, which the decoder does not miss: marker by marker, so that a
/// thumbnail's end counts as little as what cameras append after the image.
///
/// Source: ITU-T T.81 (1992), annex B.
fn jpeg_end(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    loop {
        // A zero after 0xff is a pixel's byte, another 0xff a filler.
        let marker = |pair: &[u8]| matches!(pair, [0xff, code] if !matches!(code, 0x00 | 0xff));
        let (found, after) = rest.get(rest.windows(2).position(marker)? + 1..)?.split_first()?;
        rest = match found {
            0xd9 => return Some(after),
            0x01 | 0xd0..=0xd8 => after,
            _ => after.get(u16::from_be_bytes(*after.first_chunk()?).into()..)?,
        };
    }
}

fn centre_square(image: &DynamicImage, orientation: Orientation) -> DecodedImage {
    let (width, height) = (image.width(), image.height());
    let side = width.min(height);
    let mut square = image.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    square.apply_orientation(orientation);
    let had_alpha = square.color().has_alpha();
    let square = if had_alpha { over_white(&square) } else { square.into_rgb8() };
    let grey = square.pixels().all(|pixel| pixel.0 == [pixel.0[0]; 3]);
    DecodedImage { square, grey, cropped: width != height, had_alpha }
}

fn over_white(image: &DynamicImage) -> RgbImage {
    let source = image.to_rgba8();
    let mut target = RgbImage::new(source.width(), source.height());
    for (to, from) in target.pixels_mut().zip(source.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        to.0 = [red, green, blue].map(|c| ((c * alpha + 255 * (255 - alpha) + 127) / 255) as u8);
    }
    target
}

/// The same image at `side` x `side`, by Lanczos's filter with three lobes.
pub(super) fn resized(image: &RgbImage, side: u32) -> RgbImage {
    imageops::resize(image, side, side, imageops::FilterType::Lanczos3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayAlphaImage, GrayImage, ImageBuffer, Luma, LumaA, Rgb, Rgba, RgbaImage};

    fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_allowed_format_decodes() {
        let image = RgbImage::from_pixel(4, 4, Rgb([255, 0, 0]));
        for format in FORMATS {
            let decoded = decode_image(&encode(image.clone(), format)).unwrap();
            let [red, green, blue] = decoded.square.get_pixel(1, 2).0;
            assert!(red > 250 && green < 5 && blue < 5, "{format:?}: {:?}", [red, green, blue]);
            assert!(!decoded.grey && !decoded.cropped);
        }
    }

    #[test]
    fn grey_sixteen_bit_and_alpha_images_decode() {
        let decode = |image: DynamicImage| decode_image(&encode(image, ImageFormat::Png)).unwrap();
        let first = |decoded: &DecodedImage| decoded.square.get_pixel(0, 0).0;

        let grey = decode(GrayImage::from_pixel(3, 3, Luma([77])).into());
        assert_eq!((first(&grey), grey.grey, grey.had_alpha), ([77; 3], true, false));

        let wide = decode(ImageBuffer::from_pixel(3, 3, Luma([0x8080_u16])).into());
        assert_eq!((first(&wide), wide.grey), ([0x80; 3], true));
        let wide = decode(ImageBuffer::from_pixel(3, 3, Rgb([0xffff_u16, 0, 0x8080])).into());
        assert_eq!(first(&wide), [255, 0, 128]);

        let half = decode(GrayAlphaImage::from_pixel(3, 3, LumaA([0, 128])).into());
        assert_eq!((first(&half), half.grey, half.had_alpha), ([127; 3], true, true));
        let clear = decode(RgbaImage::from_pixel(3, 3, Rgba([255, 0, 0, 0])).into());
        assert_eq!((first(&clear), clear.grey), ([255; 3], true));
        let solid = decode(RgbaImage::from_pixel(3, 3, Rgba([255, 0, 0, 255])).into());
        assert_eq!((first(&solid), solid.grey), ([255, 0, 0], false));
    }

    #[test]
    fn the_centre_square_is_kept() {
        let wide = RgbImage::from_fn(7, 3, |x, _| Rgb([x as u8 * 10, 0, 0]));
        let decoded = decode_image(&encode(wide, ImageFormat::Png)).unwrap();
        assert!(decoded.cropped);
        assert_eq!(decoded.square.dimensions(), (3, 3));
        let row: Vec<u8> = (0..3).map(|x| decoded.square.get_pixel(x, 0).0[0]).collect();
        assert_eq!(row, [20, 30, 40]);
    }

    #[test]
    fn resizing_keeps_a_flat_image_flat_and_grey_grey() {
        let flat = RgbImage::from_pixel(100, 100, Rgb([10, 20, 30]));
        assert!(resized(&flat, 64).pixels().all(|pixel| pixel.0 == [10, 20, 30]));
        let ramp = RgbImage::from_fn(90, 90, |x, y| Rgb([(x + y) as u8; 3]));
        assert!(resized(&ramp, 64).pixels().all(|pixel| pixel.0 == [pixel.0[0]; 3]));
    }

    #[test]
    fn every_truncation_is_an_error_or_an_image_and_never_a_panic() {
        let image = RgbImage::from_fn(16, 16, |x, y| Rgb([x as u8, y as u8, 7]));
        for format in FORMATS {
            let bytes = encode(image.clone(), format);
            for length in 0..bytes.len() {
                let _ = decode_image(&bytes[..length]);
            }
        }
        let jpeg = encode(image.clone(), ImageFormat::Jpeg);
        for length in 0..jpeg.len() {
            assert!(decode_image(&jpeg[..length]).is_err(), "{length} of {} bytes", jpeg.len());
        }
        let png = encode(image, ImageFormat::Png);
        assert!(matches!(decode_image(&png[..png.len() / 2]), Err(Problem::Undecodable(_))));
        assert!(matches!(decode_image(b"not an image"), Err(Problem::NotAnImage)));
        assert!(matches!(decode_image(b""), Err(Problem::NotAnImage)));
    }

    #[test]
    fn a_jpeg_ends_after_its_own_pixels_whatever_it_carries() {
        let image = RgbImage::from_fn(16, 16, |x, y| Rgb([x as u8, y as u8, 7]));
        let plain = encode(image, ImageFormat::Jpeg);
        // As EXIF carries its thumbnail: a whole JPEG in a segment.
        let length = (plain.len() as u16 + 2).to_be_bytes();
        let with_thumbnail = [&plain[..2], &[0xff, 0xe1], &length, &plain, &plain[2..]].concat();
        let with_film = [&with_thumbnail[..], &[0xff, 0xda, 0, 9, 0xff]].concat();
        assert_eq!(decode_image(&with_film).unwrap(), decode_image(&plain).unwrap());
        for length in 0..with_thumbnail.len() {
            assert!(decode_image(&with_thumbnail[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn huge_images_are_refused_from_their_header() {
        let mut bmp = encode(RgbImage::new(2, 2), ImageFormat::Bmp);
        bmp[18..22].copy_from_slice(&60_000_i32.to_le_bytes());
        bmp[22..26].copy_from_slice(&60_000_i32.to_le_bytes());
        let error = decode_image(&bmp).unwrap_err();
        assert!(matches!(error, Problem::ImageTooLarge { width: 60_000, .. }), "{error}");
    }
}
