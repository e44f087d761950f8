//! Images as PNG and GIF files: one, many side by side, or one after the other.

mod animation;
mod layout;
mod slides;

pub use animation::Animation;
pub use slides::{SlidesError, slide_time, slides_gif};

use image::{
    DynamicImage, Rgba, RgbaImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
    imageops,
};
use layout::Arrangement;

const MARGIN_COLOUR: Rgba<u8> = Rgba([96, 96, 96, 255]);
const FRAME_COLOUR: Rgba<u8> = Rgba([255, 176, 0, 255]);
const TRANSPARENT: Rgba<u8> = Rgba([0; 4]);
const LARGEST_SIDE: u64 = 16_384;
/// The quickest takes up to 2.3 times the bytes; this takes 6 to 58 ms for a run's grid instead of 1
/// to 7.
const COMPRESSION: CompressionType = CompressionType::Default;

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
    /// The images are no whole number of strips.
    #[error("{images} images are no strips of {per_strip}")]
    Strips {
        /// Images given.
        images: usize,
        /// Images asked for in a strip.
        per_strip: usize,
    },
    /// The PNG could not be written.
    #[error("cannot write a PNG: {0}")]
    Png(#[from] image::ImageError),
    /// The GIF could not be written.
    #[error("cannot write a GIF: {0}")]
    Gif(#[from] gif::EncodingError),
}

/// A PNG of images in a grid, row by row, small ones enlarged by a whole factor. The grid is nearly
/// square in pixels, with few places empty.
///
/// `pixels` are `[count, height, width, channels]` with 1 channel (grey), 3 (red, green, blue) or 4
/// (with transparency, colours multiplied by alpha as networks have them). The PNG has as many, of 4
/// with plain colours and transparent gaps. The same pixels give the same bytes.
///
/// # Errors
/// [`PictureError`] if the pixels are no images, or make no picture of a sensible size.
pub fn grid_png(
    pixels: &[u8],
    height: usize,
    width: usize,
    channels: usize,
) -> Result<Vec<u8>, PictureError> {
    let images = images(pixels, height, width, channels)?;
    let layout = Arrangement::new(images.len(), 1, height as u64, width as u64)?;
    let picture = drawn(&images, &layout, channels);
    png(&if channels == 1 { picture.into_luma8().into() } else { picture })
}

/// A PNG of strips: so many images beside each other, the first of them framed, then the next
/// strip. Of 1 channel it is RGB, as frames are coloured. Otherwise as [`grid_png`].
///
/// # Errors
/// [`PictureError::Strips`] unless the images fill a whole number of strips; else as [`grid_png`].
pub fn strips_png(
    pixels: &[u8],
    height: usize,
    width: usize,
    channels: usize,
    per_strip: usize,
) -> Result<Vec<u8>, PictureError> {
    let images = images(pixels, height, width, channels)?;
    if per_strip == 0 || !images.len().is_multiple_of(per_strip) {
        return Err(PictureError::Strips { images: images.len(), per_strip });
    }
    let layout = Arrangement::new(images.len(), per_strip, height as u64, width as u64)?;
    png(&drawn(&images, &layout, channels))
}

/// Refuses a picture that would be too large, before its images are made: so many strips of so many
/// images; a grid has strips of one.
///
/// # Errors
/// [`PictureError::TooLarge`] if it is.
pub fn check_size(
    strips: usize,
    per_strip: usize,
    height: usize,
    width: usize,
) -> Result<(), PictureError> {
    let images = strips.saturating_mul(per_strip);
    Arrangement::new(images, per_strip, height as u64, width as u64).map(|_| ())
}

/// A PNG of one image in its own size, `pixels` being `[height, width, channels]`: grey, RGB, or
/// RGBA with plain colours.
///
/// # Errors
/// [`PictureError`] if the pixels are not one image.
pub fn image_png(
    pixels: &[u8],
    height: usize,
    width: usize,
    channels: usize,
) -> Result<Vec<u8>, PictureError> {
    let images = images(pixels, height, width, channels)?;
    let [image] = images.as_slice() else {
        return Err(PictureError::Shape { height, width, channels, found: pixels.len() });
    };
    let image = DynamicImage::ImageRgba8(image.clone());
    png(&match channels {
        1 => image.into_luma8().into(),
        3 => image.into_rgb8().into(),
        _ => image,
    })
}

/// The images of `[count, height, width, channels]`, with plain colours.
fn images(
    pixels: &[u8],
    height: usize,
    width: usize,
    channels: usize,
) -> Result<Vec<RgbaImage>, PictureError> {
    let shape = || PictureError::Shape { height, width, channels, found: pixels.len() };
    let image_bytes = height.saturating_mul(width).saturating_mul(channels);
    if !matches!(channels, 1 | 3 | 4)
        || image_bytes == 0
        || pixels.is_empty()
        || !pixels.len().is_multiple_of(image_bytes)
    {
        return Err(shape());
    }
    let image = |image: &[u8]| {
        let rgba = image.chunks_exact(channels).flat_map(plain_colours).collect();
        RgbaImage::from_raw(width as u32, height as u32, rgba).ok_or_else(shape)
    };
    pixels.chunks_exact(image_bytes).map(image).collect()
}

/// RGBA with four channels, else RGB.
fn drawn(images: &[RgbaImage], layout: &Arrangement, channels: usize) -> DynamicImage {
    let background = if channels == 4 { TRANSPARENT } else { MARGIN_COLOUR };
    let mut picture = RgbaImage::from_pixel(layout.width, layout.height, background);
    let (width, height) = layout.tile;
    for (index, image) in images.iter().enumerate() {
        if let Some([x, y, width, height]) = layout.frame(index as u32) {
            let frame = RgbaImage::from_pixel(width, height, FRAME_COLOUR);
            imageops::replace(&mut picture, &frame, i64::from(x), i64::from(y));
        }
        let [x, y] = layout.place(index as u32);
        let tile = imageops::resize(image, width, height, imageops::FilterType::Nearest);
        imageops::replace(&mut picture, &tile, i64::from(x), i64::from(y));
    }
    let picture = DynamicImage::ImageRgba8(picture);
    if channels == 4 { picture } else { picture.into_rgb8().into() }
}

fn png(picture: &DynamicImage) -> Result<Vec<u8>, PictureError> {
    let mut png = Vec::new();
    picture.write_with_encoder(PngEncoder::new_with_quality(
        &mut png,
        COMPRESSION,
        FilterType::Adaptive,
    ))?;
    Ok(png)
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

#[cfg(test)]
mod tests;
