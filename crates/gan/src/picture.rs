//! Images side by side in one PNG.

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage, imageops};
use std::io::Cursor;

const MARGIN: u32 = 2;
const MARGIN_COLOUR: Rgba<u8> = Rgba([96, 96, 96, 255]);
const TRANSPARENT: Rgba<u8> = Rgba([0; 4]);
/// The width that small images are enlarged towards, in pixels.
const TARGET_WIDTH: u32 = 760;
const LARGEST_FACTOR: u32 = 8;
const LARGEST_SIDE: u64 = 16_384;
/// What an empty place in a grid counts, as a share of all, against the logarithm of its aspect.
const EMPTY_PLACES: f64 = 4.0;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The pixels are not a whole number of images, or none.
    #[error(
        "a picture of {height} x {width} images with {channels} channels needs a multiple of {} \
         bytes, with 1, 3 or 4 channels; found {found}",
        height * width * channels
    )]
    Shape {
        /// Rows of one image.
        height: usize,
        /// Columns of one image.
        width: usize,
        /// Channels asked for.
        channels: usize,
        /// Bytes given.
        found: usize,
    },
    /// More pixels than a picture may have.
    #[error(
        "a picture of {images} images would be {columns} by {rows} images, {width} x {height} \
         pixels; {LARGEST_SIDE} x {LARGEST_SIDE} is the most"
    )]
    TooLarge {
        /// Images given.
        images: usize,
        /// Images in a row.
        columns: u32,
        /// Rows of images.
        rows: u32,
        /// Pixels in a row.
        width: u64,
        /// Rows of pixels.
        height: u64,
    },
    /// The PNG could not be written.
    #[error("cannot write a PNG: {0}")]
    Png(#[from] image::ImageError),
}

/// A PNG of images in a grid, row by row, small ones enlarged by a whole factor. The grid is nearly
/// square in pixels, with few places empty.
///
/// `pixels` are `[count, height, width, channels]` with 1 channel (grey), 3 (red, green, blue) or 4
/// (with transparency, colours multiplied by alpha as networks have them). The PNG of 4 channels is
/// RGBA, with plain colours and transparent gaps. The same pixels give the same bytes.
///
/// # Errors
/// [`PictureError`] if the pixels are no images, or make no picture of a sensible size.
pub fn grid_png(
    pixels: &[u8],
    height: usize,
    width: usize,
    channels: usize,
) -> Result<Vec<u8>, PictureError> {
    let shape = PictureError::Shape { height, width, channels, found: pixels.len() };
    let image_bytes = height.saturating_mul(width).saturating_mul(channels);
    if !matches!(channels, 1 | 3 | 4)
        || image_bytes == 0
        || pixels.is_empty()
        || !pixels.len().is_multiple_of(image_bytes)
    {
        return Err(shape);
    }
    let images = pixels.len() / image_bytes;
    let layout = Layout::new(images, height as u64, width as u64)?;
    let background = if channels == 4 { TRANSPARENT } else { MARGIN_COLOUR };
    let mut picture = RgbaImage::from_pixel(layout.width, layout.height, background);
    for (index, image) in pixels.chunks_exact(image_bytes).enumerate() {
        let rgba = image.chunks_exact(channels).flat_map(plain_colours).collect();
        let Some(tile) = RgbaImage::from_raw(width as u32, height as u32, rgba) else {
            return Err(shape);
        };
        let (x, y) = layout.place(index as u32);
        let (tile_width, tile_height) = layout.tile;
        let filter = imageops::FilterType::Nearest;
        let tile = imageops::resize(&tile, tile_width, tile_height, filter);
        imageops::replace(&mut picture, &tile, i64::from(x), i64::from(y));
    }
    let picture = DynamicImage::ImageRgba8(picture);
    let mut png = Cursor::new(Vec::new());
    match channels {
        4 => picture.write_to(&mut png, ImageFormat::Png)?,
        _ => picture.into_rgb8().write_to(&mut png, ImageFormat::Png)?,
    }
    Ok(png.into_inner())
}

/// A pixel of 1, 3 or 4 channels as red, green, blue and alpha, the colours no longer multiplied by
/// alpha: round(255 · colour / alpha), at most 255.
pub fn plain_colours(pixel: &[u8]) -> [u8; 4] {
    match *pixel {
        [red, green, blue, alpha] => {
            let plain = |colour: u8| {
                let (colour, alpha) = (u32::from(colour), u32::from(alpha));
                let ratio = (255 * colour + alpha / 2).checked_div(alpha);
                ratio.map_or(0, |ratio| ratio.min(255) as u8)
            };
            [plain(red), plain(green), plain(blue), alpha]
        }
        [red, green, blue] => [red, green, blue, 255],
        _ => {
            let grey = pixel.first().copied().unwrap_or(0);
            [grey, grey, grey, 255]
        }
    }
}

struct Layout {
    columns: u32,
    tile: (u32, u32),
    width: u32,
    height: u32,
}

impl Layout {
    fn new(images: usize, height: u64, width: u64) -> Result<Self, PictureError> {
        let columns = columns(images, height as f64 / width as f64);
        let rows = images.div_ceil(columns);
        let factor = (u64::from(TARGET_WIDTH) / (columns as u64).saturating_mul(width))
            .clamp(1, u64::from(LARGEST_FACTOR));
        let side = |tiles: usize, tile: u64| {
            let margins = (tiles as u64 + 1).saturating_mul(u64::from(MARGIN));
            (tiles as u64).saturating_mul(tile).saturating_mul(factor).saturating_add(margins)
        };
        let (whole_width, whole_height) = (side(columns, width), side(rows, height));
        if whole_width.max(whole_height) > LARGEST_SIDE {
            return Err(PictureError::TooLarge {
                images,
                columns: columns as u32,
                rows: rows as u32,
                width: whole_width,
                height: whole_height,
            });
        }
        Ok(Self {
            columns: columns as u32,
            tile: ((width * factor) as u32, (height * factor) as u32),
            width: whole_width as u32,
            height: whole_height as u32,
        })
    }

    fn place(&self, index: u32) -> (u32, u32) {
        let at = |number: u32, tile: u32| MARGIN + number * (tile + MARGIN);
        (at(index % self.columns, self.tile.0), at(index / self.columns, self.tile.1))
    }
}

/// How many images of an aspect, height over width, stand side by side.
fn columns(images: usize, aspect: f64) -> usize {
    let badness = |columns: usize| {
        let rows = images.div_ceil(columns);
        let places = (columns * rows) as f64;
        let empty = 1.0 - images as f64 / places;
        (rows as f64 / columns as f64 * aspect).ln().abs() + EMPTY_PLACES * empty
    };
    // The last of equals: wide rather than tall.
    (1..=images).rev().min_by(|&a, &b| badness(a).total_cmp(&badness(b))).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(pixels: &[u8], height: usize, width: usize, channels: usize) -> DynamicImage {
        let png = grid_png(pixels, height, width, channels).unwrap();
        image::load_from_memory(&png).unwrap()
    }

    #[test]
    fn sixty_four_digits_are_eight_by_eight() {
        let picture = grid(&[200; 64 * 784], 28, 28, 1);
        assert_eq!(picture.color(), image::ColorType::Rgb8);
        let picture = picture.into_rgba8();
        assert_eq!(picture.dimensions(), (8 * (84 + 2) + 2, 8 * (84 + 2) + 2));
        assert_eq!(picture.get_pixel(0, 0), &MARGIN_COLOUR);
        assert_eq!(picture.get_pixel(2, 2), &Rgba([200, 200, 200, 255]));
        assert_eq!(picture.get_pixel(86, 2), &MARGIN_COLOUR);
        assert_eq!(picture.get_pixel(88, 2), &Rgba([200, 200, 200, 255]));
    }

    #[test]
    fn images_lie_row_by_row_and_pixels_as_in_memory() {
        let pixels: Vec<u8> = (0..5 * 2 * 3 * 3).collect();
        let picture = grid(&pixels, 2, 3, 3).into_rgba8();
        let (tile_width, tile_height) = (3 * 8 + 2, 2 * 8 + 2);
        for (image, y, x) in [(0, 0, 0), (2, 1, 2), (3, 0, 1), (4, 1, 0)] {
            let left = 2 + (image % 2) * tile_width + x * 8;
            let top = 2 + (image / 2) * tile_height + y * 8;
            let first = (((image * 2 + y) * 3 + x) * 3) as u8;
            let expected = Rgba([first, first + 1, first + 2, 255]);
            assert_eq!(picture.get_pixel(left, top), &expected);
            assert_eq!(picture.get_pixel(left + 7, top + 7), &expected);
        }
        assert_eq!(picture.get_pixel(2 + tile_width, 2 + 2 * tile_height), &MARGIN_COLOUR);
    }

    #[test]
    fn transparent_images_have_plain_colours_and_clear_gaps() {
        // Half transparent red, a colour brighter than its alpha allows, nothing, opaque.
        let pixels = [64, 0, 0, 128, 90, 10, 1, 60, 7, 7, 7, 0, 1, 2, 3, 255];
        let picture = grid(&pixels, 2, 2, 4);
        assert_eq!(picture.color(), image::ColorType::Rgba8);
        let picture = picture.into_rgba8();
        let at = |x: u32, y: u32| picture.get_pixel(2 + 8 * x, 2 + 8 * y).0;
        assert_eq!((at(0, 0), at(1, 0)), ([128, 0, 0, 128], [255, 43, 4, 60]));
        assert_eq!((at(0, 1), at(1, 1)), ([0, 0, 0, 0], [1, 2, 3, 255]));
        assert_eq!(picture.get_pixel(0, 0), &TRANSPARENT);
    }

    #[test]
    fn grids_are_nearly_square_whatever_the_aspect() {
        for (images, height, width, expected) in [
            (64, 28.0, 28.0, 8),
            (64, 48.0, 96.0, 6),
            (64, 96.0, 48.0, 11),
            (64, 256.0, 16.0, 32),
            (3, 1.0, 1.0, 2),
            (5, 1.0, 1.0, 3),
            (1, 1.0, 9.0, 1),
        ] {
            assert_eq!(columns(images, height / width), expected, "{images} of {width}x{height}");
        }
    }

    #[test]
    fn what_is_no_picture_is_an_error() {
        assert!(grid_png(&[], 28, 28, 1).is_err());
        assert!(grid_png(&[0; 783], 28, 28, 1).is_err());
        assert!(grid_png(&[0; 8], 2, 2, 2).is_err());
        assert!(grid_png(&[0; 8], 0, 2, 1).is_err());
        let error = grid_png(&[0; 17_000], 1, 17_000, 1).unwrap_err();
        assert!(matches!(error, PictureError::TooLarge { .. }), "{error}");
    }
}
