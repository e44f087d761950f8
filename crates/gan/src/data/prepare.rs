//! One image, fitted to a size and a number of channels.

use super::{
    DecodedImage, LARGE, Preparation, Problem, SMALL,
    placement::{Placement, Rectangle},
};
use fast_image_resize::{
    FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::{U8, U8x3, U8x4},
};
use image::{DynamicImage, RgbImage, RgbaImage};
use std::borrow::Cow;

/// What of an image decides about all of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Height and width.
    pub size: [usize; 2],
    /// Whether red, green and blue are equal in every pixel of what is kept, laid over white.
    pub grey: bool,
    /// Whether its format lets it be transparent.
    pub alpha: bool,
}

impl Facts {
    /// Whether it may stay at 28 x 28.
    pub(super) fn is_small(&self) -> bool {
        self.grey && self.size == [SMALL; 2]
    }
}

/// An image as training takes it, or as it will after `widened`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedImage {
    /// `[height, width, channels]`.
    pub pixels: Vec<u8>,
    /// Height, width and channels.
    pub shape: [usize; 3],
    /// What it was.
    pub facts: Facts,
}

impl Preparation {
    /// Cuts or pads and resizes `image`, by Lanczos's filter with three lobes.
    ///
    /// Where size or channels are left open, it gets the fewest that suit it: 28 x 28 if it is so
    /// and grey, else 64 x 64; one channel if it is grey, else three. With one channel, colours
    /// become their luma (ITU-R BT.709); with one or three, transparency is laid over white; with
    /// four, colours are multiplied by alpha before they are resized, so that what lies hidden
    /// under transparent pixels never shows at their edges.
    ///
    /// # Errors
    /// If it has no pixels.
    pub fn prepare(&self, image: &DecodedImage) -> Result<PreparedImage, Problem> {
        let aspect = self.size.unwrap_or([LARGE; 2]);
        let region = Placement::new(image.size(), aspect, self.fit).region;
        let kept = cut(&image.image, region);
        let alpha = kept.color().has_alpha();
        let colours = if alpha { over_white(&kept.to_rgba8()) } else { kept.to_rgb8() };
        let grey = colours.pixels().all(|pixel| pixel.0 == [pixel.0[0]; 3]);
        let facts = Facts { size: image.size(), grey, alpha };

        let [height, width] = self.size_for(facts.is_small());
        let channels = self.channels_for(grey);
        let pixels = match channels {
            1 if grey => colours.into_raw().into_iter().step_by(3).collect(),
            1 => DynamicImage::ImageRgb8(colours).into_luma8().into_raw(),
            3 => colours.into_raw(),
            _ => multiplied_by_alpha(kept.to_rgba8()),
        };
        let placement = Placement::new(image.size(), [height, width], self.fit);
        let from = [placement.region.height, placement.region.width];
        let inner = placement.inner;
        let pixels = resized(pixels, from, [inner.height, inner.width], channels)?;
        let shape = [height, width, channels];
        Ok(PreparedImage { pixels: padded(pixels, inner, shape), shape, facts })
    }

    /// The most bytes that a prepared image takes.
    pub(super) fn most_bytes(&self) -> usize {
        self.size_for(false).iter().product::<usize>().max(1) * self.channels_for(false)
    }

    /// The height and width for images that are all 28 x 28 and grey, or not.
    pub(super) fn size_for(&self, all_small: bool) -> [usize; 2] {
        self.size.unwrap_or(if all_small { [SMALL; 2] } else { [LARGE; 2] })
    }

    /// The channels for images that are all grey, or not.
    pub(super) fn channels_for(&self, all_grey: bool) -> usize {
        self.channels.unwrap_or(if all_grey { 1 } else { 3 })
    }
}

/// An image of shape `from` at shape `to`, which is as large or larger: resized, and grey taken as
/// colour.
pub(super) fn widened(
    pixels: Vec<u8>,
    from: [usize; 3],
    to: [usize; 3],
) -> Result<Vec<u8>, Problem> {
    let [height, width, channels] = from;
    let pixels = resized(pixels, [height, width], [to[0], to[1]], channels)?;
    Ok(match (channels, to[2]) {
        (1, 3) => pixels.into_iter().flat_map(|value| [value; 3]).collect(),
        _ => pixels,
    })
}

fn cut(image: &DynamicImage, region: Rectangle) -> Cow<'_, DynamicImage> {
    let Rectangle { left, top, width, height } = region;
    let [left, top, width, height] = [left, top, width, height].map(|extent| extent as u32);
    match (width, height) == (image.width(), image.height()) {
        true => Cow::Borrowed(image),
        false => Cow::Owned(image.crop_imm(left, top, width, height)),
    }
}

fn over_white(source: &RgbaImage) -> RgbImage {
    let mut target = RgbImage::new(source.width(), source.height());
    for (to, from) in target.pixels_mut().zip(source.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        to.0 = [red, green, blue].map(|c| ((c * alpha + 255 * (255 - alpha) + 127) / 255) as u8);
    }
    target
}

fn multiplied_by_alpha(mut image: RgbaImage) -> Vec<u8> {
    for pixel in image.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let [red, green, blue] = [red, green, blue].map(|c| ((c * alpha + 127) / 255) as u8);
        pixel.0 = [red, green, blue, pixel.0[3]];
    }
    image.into_raw()
}

/// Sizes are height and width.
fn resized(
    pixels: Vec<u8>,
    from: [usize; 2],
    to: [usize; 2],
    channels: usize,
) -> Result<Vec<u8>, Problem> {
    if from == to {
        return Ok(pixels);
    }
    let mut pixels = match channels {
        1 => resized_as::<U8>(&pixels, from, to),
        3 => resized_as::<U8x3>(&pixels, from, to),
        _ => resized_as::<U8x4>(&pixels, from, to),
    }?;
    if channels == 4 {
        // The filter's lobes can lift a colour above its alpha, where there is no such colour.
        for [red, green, blue, alpha] in pixels.as_chunks_mut().0 {
            [red, green, blue].into_iter().for_each(|colour| *colour = (*colour).min(*alpha));
        }
    }
    Ok(pixels)
}

/// Takes the type of a pixel, as a `Resizer` that chooses among all types takes a minute to compile.
fn resized_as<P: PixelTrait>(
    pixels: &[u8],
    from: [usize; 2],
    to: [usize; 2],
) -> Result<Vec<u8>, Problem> {
    let failed = |error: &dyn std::fmt::Display| Problem::Unresizable(error.to_string());
    let [height, width] = from.map(|extent| extent as u32);
    let source =
        TypedImageRef::<P>::from_buffer(width, height, pixels).map_err(|error| failed(&error))?;
    let [height, width] = to.map(|extent| extent as u32);
    let mut result = vec![0; P::size() * to[0] * to[1]];
    let mut target =
        TypedImage::<P>::from_buffer(width, height, &mut result).map_err(|error| failed(&error))?;
    // Colours are multiplied by alpha already.
    let lanczos = ResizeAlg::Convolution(FilterType::Lanczos3);
    let options = ResizeOptions::new().resize_alg(lanczos).use_alpha(false);
    Resizer::new().resize_typed(&source, &mut target, &options).map_err(|error| failed(&error))?;
    Ok(result)
}

/// Puts an image at `inner` of a white or, with four channels, transparent one.
fn padded(pixels: Vec<u8>, inner: Rectangle, [height, width, channels]: [usize; 3]) -> Vec<u8> {
    if [inner.height, inner.width] == [height, width] {
        return pixels;
    }
    let background = if channels == 4 { 0 } else { 255 };
    let mut whole = vec![background; height * width * channels];
    let rows = whole.chunks_exact_mut(width * channels).skip(inner.top);
    for (to, from) in rows.zip(pixels.chunks_exact(inner.width * channels)) {
        let place = inner.left * channels..(inner.left + inner.width) * channels;
        if let Some(to) = to.get_mut(place) {
            to.copy_from_slice(from);
        }
    }
    whole
}

#[cfg(test)]
mod tests;
