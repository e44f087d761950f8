//! Image files of any kind and size.

use super::Problem;
use image::{
    ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits,
    metadata::Orientation,
};
use std::{fmt, io::Cursor};

const FORMATS: [(Format, ImageFormat); 5] = [
    (Format::Png, ImageFormat::Png),
    (Format::Jpeg, ImageFormat::Jpeg),
    (Format::Bmp, ImageFormat::Bmp),
    (Format::Gif, ImageFormat::Gif),
    (Format::WebP, ImageFormat::WebP),
];
/// Where a PNG's first chunk, IHDR, has its colour type.
const PNG_COLOUR_TYPE: usize = 25;
const PNG_PALETTE: u8 = 3;
/// Where a BMP's header has its bits a pixel.
const BMP_BITS: usize = 28;
const LARGEST_SIDE: u32 = 8192;
const LARGEST_BYTES: u64 = 256 << 20;

/// A decoded image, whole.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodedImage {
    /// Its pixels, turned as its EXIF orientation says.
    pub image: DynamicImage,
    /// What it was read from.
    pub format: Format,
    /// How the file keeps its pixels.
    pub mode: Mode,
}

impl DecodedImage {
    /// Height and width.
    pub fn size(&self) -> [usize; 2] {
        [self.image.height() as usize, self.image.width() as usize]
    }
}

/// What an image was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "names of formats")]
pub enum Format {
    Png,
    Jpeg,
    Bmp,
    Gif,
    WebP,
    Idx,
    Cifar10,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
            Self::Idx => "IDX",
            Self::Cifar10 => "CIFAR-10",
        })
    }
}

/// How a file keeps its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// One channel.
    Grey,
    /// One channel and transparency.
    GreyAlpha,
    /// Numbers of colours in a table.
    Palette,
    /// More than eight bits a channel, whatever the channels.
    SixteenBit,
    /// Red, green and blue.
    Rgb,
    /// Red, green, blue and transparency.
    Rgba,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Grey => "grey",
            Self::GreyAlpha => "grey + alpha",
            Self::Palette => "palette",
            Self::SixteenBit => "16-bit",
            Self::Rgb => "RGB",
            Self::Rgba => "RGBA",
        })
    }
}

/// Decodes a PNG, JPEG, BMP, GIF or WebP image (of an animation, the first frame) and turns it as
/// its EXIF orientation says.
///
/// At most 8192 x 8192 pixels and 256 MiB decoded; larger ones are errors before they are decoded.
pub fn decode_image(bytes: &[u8]) -> Result<DecodedImage, Problem> {
    let image_format = image::guess_format(bytes).map_err(|_| Problem::NotAnImage)?;
    let known = FORMATS.into_iter().find(|&(_, known)| known == image_format);
    let (format, _) = known.ok_or(Problem::NotAnImage)?;
    if format == Format::Jpeg && jpeg_end(bytes).is_none() {
        return Err(Problem::JpegWithoutEnd);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), image_format);
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
    if width.min(height) == 0 {
        return Err(Problem::EmptyImage { width, height });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mode = mode(bytes, format, decoder.color_type());
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| match error {
        ImageError::Limits(_) => too_large,
        other => Problem::Undecodable(other),
    })?;
    image.apply_orientation(orientation);
    Ok(DecodedImage { image, format, mode })
}

/// The bytes that an image will take, as its header says; 0 where it cannot be read.
pub(super) fn decoded_bytes(bytes: &[u8]) -> u64 {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let decoder = reader.ok().and_then(|reader| reader.into_decoder().ok());
    decoder.map_or(0, |decoder| decoder.total_bytes())
}

fn mode(bytes: &[u8], format: Format, decoded: ColorType) -> Mode {
    // The decoders look colours up in their table and tell no more of it.
    let palette = match format {
        Format::Gif => true,
        Format::Png => bytes.get(PNG_COLOUR_TYPE) == Some(&PNG_PALETTE),
        Format::Bmp => bytes.get(BMP_BITS).is_some_and(|&bits| bits <= 8),
        _ => false,
    };
    match decoded {
        _ if palette => Mode::Palette,
        ColorType::L8 => Mode::Grey,
        ColorType::La8 => Mode::GreyAlpha,
        ColorType::Rgb8 => Mode::Rgb,
        ColorType::Rgba8 => Mode::Rgba,
        _ => Mode::SixteenBit,
    }
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

#[cfg(test)]
mod tests;
