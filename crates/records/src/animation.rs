//! Pictures one after another, as a GIF.

use image::{
    Delay, DynamicImage, Frame, ImageFormat, ImageReader, Limits, Rgba, RgbaImage,
    codecs::gif::{GifEncoder, Repeat},
    imageops,
};
use std::{io::Cursor, time::Duration};

/// What shows through transparent places: of its 256 colours a GIF has one that is clear, and no
/// half transparent ones.
const BACKGROUND: Rgba<u8> = Rgba([255; 4]);
/// How long an animation takes, but for its last picture, as long as pictures are neither too quick
/// nor too slow for it.
const LENGTH: Duration = Duration::from_secs(12);
const SHORTEST: Duration = Duration::from_millis(60);
const LONGEST: Duration = Duration::from_millis(500);
const LAST: Duration = Duration::from_secs(2);
/// Of the search for a picture's colours, from 1 (the best) to 30 (the fastest). Pictures of at most
/// 256 colours, as all grey ones are, need no search.
const SPEED: i32 = 10;
const LARGEST_BYTES: u64 = 1 << 30;

/// Pictures that make no animation.
#[derive(Debug, thiserror::Error)]
pub enum AnimationError {
    /// There are none.
    #[error("an animation needs a picture at least")]
    Empty,
    /// A picture cannot be decoded.
    #[error("picture {number} is no PNG that can be decoded: {problem}")]
    Undecodable {
        /// Which, counted from 1.
        number: usize,
        /// Why.
        problem: image::ImageError,
    },
    /// A picture has another size than the first.
    #[error(
        "picture {number} has {} x {} pixels and the first {} x {}: all need the same",
        found.0, found.1, first.0, first.1
    )]
    Size {
        /// Which, counted from 1.
        number: usize,
        /// Its width and height.
        found: (u32, u32),
        /// The first picture's.
        first: (u32, u32),
    },
    /// The GIF cannot be made.
    #[error("cannot make a GIF: {0}")]
    Gif(image::ImageError),
}

/// A GIF that shows PNGs of one size in turn, for ever, the last one longest.
///
/// All of it takes 14 seconds if that lets each picture stand for 0.06 to 0.5 seconds. Transparent
/// places become white. Each picture has a palette of its own.
///
/// # Errors
/// [`AnimationError`] if the pictures make no animation.
pub fn gif<'a>(
    pictures: impl ExactSizeIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, AnimationError> {
    let count = pictures.len();
    if count == 0 {
        return Err(AnimationError::Empty);
    }
    let each = (LENGTH / count as u32).clamp(SHORTEST, LONGEST);
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, SPEED);
    encoder.set_repeat(Repeat::Infinite).map_err(AnimationError::Gif)?;
    let mut first = None;
    for (number, png) in (1..).zip(pictures) {
        let picture =
            decode(png).map_err(|problem| AnimationError::Undecodable { number, problem })?;
        let found = picture.dimensions();
        let first = *first.get_or_insert(found);
        if found != first {
            return Err(AnimationError::Size { number, found, first });
        }
        let delay = Delay::from_saturating_duration(if number == count { LAST } else { each });
        let frame = Frame::from_parts(picture, 0, 0, delay);
        encoder.encode_frame(frame).map_err(AnimationError::Gif)?;
    }
    drop(encoder);
    Ok(bytes)
}

/// A PNG's pixels over the background.
fn decode(png: &[u8]) -> Result<RgbaImage, image::ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_alloc = Some(LARGEST_BYTES);
    reader.limits(limits);
    let picture = reader.decode()?;
    if !picture.color().has_alpha() {
        return Ok(picture.into_rgba8());
    }
    let mut over = RgbaImage::from_pixel(picture.width(), picture.height(), BACKGROUND);
    imageops::overlay(&mut over, &DynamicImage::into_rgba8(picture), 0, 0);
    Ok(over)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{AnimationDecoder, codecs::gif::GifDecoder};

    fn png(width: u32, pixel: [u8; 4]) -> Vec<u8> {
        let mut png = Cursor::new(Vec::new());
        let picture = RgbaImage::from_pixel(width, 2, Rgba(pixel));
        picture.write_to(&mut png, ImageFormat::Png).unwrap();
        png.into_inner()
    }

    fn animate(pictures: &[Vec<u8>]) -> Result<Vec<u8>, AnimationError> {
        gif(pictures.iter().map(Vec::as_slice))
    }

    #[test]
    fn pictures_come_in_their_order_and_the_last_stays() {
        let colours = [[9, 9, 9, 255], [200, 10, 60, 255], [0, 0, 0, 0]];
        let bytes = animate(&colours.map(|colour| png(3, colour))).unwrap();
        let decoder = GifDecoder::new(Cursor::new(bytes)).unwrap();
        let frames = decoder.into_frames().collect_frames().unwrap();
        let shown =
            |frame: &Frame| (frame.buffer().get_pixel(2, 1).0, frame.delay().numer_denom_ms());
        let shown: Vec<_> = frames.iter().map(shown).collect();
        let half = (500, 1);
        let expected = [(colours[0], half), (colours[1], half), ([255; 4], (2000, 1))];
        assert_eq!(shown, expected);
        assert_eq!(frames[0].buffer().dimensions(), (3, 2));
    }

    #[test]
    fn what_makes_no_animation_is_an_error() {
        assert!(matches!(animate(&[]), Err(AnimationError::Empty)));
        let error = animate(&[png(3, [0; 4]), png(4, [0; 4])]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "picture 2 has 4 x 2 pixels and the first 3 x 2: all need the same"
        );
        let mut torn = png(3, [1, 2, 3, 255]);
        torn.truncate(40);
        let error = animate(&[png(3, [0; 4]), torn]).unwrap_err();
        assert!(matches!(error, AnimationError::Undecodable { number: 2, .. }), "{error}");
    }
}
