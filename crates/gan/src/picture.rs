//! Images side by side in one PNG.

use image::{ImageFormat, Rgb, RgbImage, imageops};
use std::io::Cursor;

const MARGIN: u32 = 2;
const MARGIN_COLOUR: Rgb<u8> = Rgb([96, 96, 96]);
/// The width that small images are enlarged towards, in pixels.
const TARGET_WIDTH: u32 = 760;
const LARGEST_FACTOR: u32 = 8;
const LARGEST_SIDE: u64 = 16_384;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The pixels are not a whole number of images, or none.
    #[error(
        "a picture of {height} x {width} images with {channels} channels needs a multiple of {} \
         bytes, with 1 or 3 channels; found {found}",
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

/// A PNG of images in a near-square grid, row by row, small ones enlarged by a whole factor.
///
/// `pixels` are `[count, height, width, channels]` with 1 (grey) or 3 channels. The same pixels
/// give the same bytes.
pub fn grid_png(
    pixels: &[u8],
    height: usize,
    width: usize,
    channels: usize,
) -> Result<Vec<u8>, PictureError> {
    let shape = PictureError::Shape { height, width, channels, found: pixels.len() };
    let image_bytes = height.saturating_mul(width).saturating_mul(channels);
    if !matches!(channels, 1 | 3)
        || image_bytes == 0
        || pixels.is_empty()
        || !pixels.len().is_multiple_of(image_bytes)
    {
        return Err(shape);
    }
    let images = pixels.len() / image_bytes;
    let layout = Layout::new(images, height as u64, width as u64)?;
    let mut picture = RgbImage::from_pixel(layout.width, layout.height, MARGIN_COLOUR);
    for (index, image) in pixels.chunks_exact(image_bytes).enumerate() {
        let rgb = match channels {
            1 => image.iter().flat_map(|&value| [value; 3]).collect(),
            _ => image.to_vec(),
        };
        let Some(tile) = RgbImage::from_raw(width as u32, height as u32, rgb) else {
            return Err(shape);
        };
        let (x, y) = layout.place(index as u32);
        let (tile_width, tile_height) = layout.tile;
        let filter = imageops::FilterType::Nearest;
        let tile = imageops::resize(&tile, tile_width, tile_height, filter);
        imageops::replace(&mut picture, &tile, i64::from(x), i64::from(y));
    }
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

struct Layout {
    columns: u32,
    tile: (u32, u32),
    width: u32,
    height: u32,
}

impl Layout {
    fn new(images: usize, height: u64, width: u64) -> Result<Self, PictureError> {
        let mut columns = images.isqrt();
        columns += usize::from(columns * columns < images);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(pixels: &[u8], height: usize, width: usize, channels: usize) -> RgbImage {
        let png = grid_png(pixels, height, width, channels).unwrap();
        image::load_from_memory(&png).unwrap().into_rgb8()
    }

    #[test]
    fn sixty_four_digits_are_eight_by_eight() {
        let picture = grid(&[200; 64 * 784], 28, 28, 1);
        assert_eq!(picture.dimensions(), (8 * (84 + 2) + 2, 8 * (84 + 2) + 2));
        assert_eq!(picture.get_pixel(0, 0), &MARGIN_COLOUR);
        assert_eq!(picture.get_pixel(2, 2), &Rgb([200; 3]));
        assert_eq!(picture.get_pixel(86, 2), &MARGIN_COLOUR);
        assert_eq!(picture.get_pixel(88, 2), &Rgb([200; 3]));
    }

    #[test]
    fn images_lie_row_by_row_and_pixels_as_in_memory() {
        let pixels: Vec<u8> = (0..5 * 2 * 3 * 3).collect();
        let picture = grid(&pixels, 2, 3, 3);
        let (tile_width, tile_height) = (3 * 8 + 2, 2 * 8 + 2);
        for (image, y, x) in [(0, 0, 0), (2, 1, 2), (3, 0, 1), (4, 1, 0)] {
            let left = 2 + (image % 3) * tile_width + x * 8;
            let top = 2 + (image / 3) * tile_height + y * 8;
            let first = (((image * 2 + y) * 3 + x) * 3) as u8;
            let expected = Rgb([first, first + 1, first + 2]);
            assert_eq!(picture.get_pixel(left, top), &expected);
            assert_eq!(picture.get_pixel(left + 7, top + 7), &expected);
        }
        assert_eq!(picture.get_pixel(2 + 2 * tile_width, 2 + tile_height), &MARGIN_COLOUR);
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
