//! Pictures that are PNG files, one after the other, as a GIF.

use super::{Animation, PictureError};
use image::{DynamicImage, ImageFormat, ImageReader, Limits, Rgba, RgbaImage, imageops};
use std::{io::Cursor, time::Duration};

/// What shows through transparent places: of its 256 colours a GIF has one that is clear, and no
/// half transparent ones.
const BACKGROUND: Rgba<u8> = Rgba([255; 4]);
/// How long all but the last picture take, as long as pictures are neither too quick nor too slow
/// for it.
const LENGTH: Duration = Duration::from_secs(12);
const SHORTEST: Duration = Duration::from_millis(60);
const LONGEST: Duration = Duration::from_millis(500);
const LAST: Duration = Duration::from_secs(2);
const LARGEST_BYTES: u64 = 1 << 30;

/// Pictures that make no animation.
#[derive(Debug, thiserror::Error)]
pub enum SlidesError {
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
    #[error(transparent)]
    Picture(#[from] PictureError),
}

/// How long each of so many pictures but the last stands: all of them 12 seconds, where that is 0.06 to
/// 0.5 seconds for each.
pub fn slide_time(pictures: usize) -> Duration {
    (LENGTH / pictures.max(1) as u32).clamp(SHORTEST, LONGEST)
}

/// A GIF that shows PNGs of one size in turn, for ever, the last one longest.
///
/// All of it takes 14 seconds if that lets each picture stand for 0.06 to 0.5 seconds. Transparent
/// places become white. Colours are as [`Animation`] has them; all pictures are grey if the first is.
///
/// # Errors
/// [`SlidesError`] if the pictures make no animation.
pub fn slides_gif<'a>(
    pictures: impl ExactSizeIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, SlidesError> {
    let count = pictures.len();
    let each = slide_time(count);
    let mut begun: Option<(Animation, (u32, u32), usize)> = None;
    for (number, png) in (1..).zip(pictures) {
        let picture =
            decode(png).map_err(|problem| SlidesError::Undecodable { number, problem })?;
        let found = (picture.width(), picture.height());
        let (animation, first, channels) = match &mut begun {
            Some(begun) => begun,
            None => {
                let channels = if picture.color().has_color() { 3 } else { 1 };
                let (width, height) = (found.0 as usize, found.1 as usize);
                let animation = Animation::new(height, width, channels, each)?;
                begun.insert((animation, found, channels))
            }
        };
        if found != *first {
            return Err(SlidesError::Size { number, found, first: *first });
        }
        if number == count {
            animation.show_each_for(LAST);
        }
        match channels {
            1 => animation.push(&picture.into_luma8())?,
            _ => animation.push(&picture.into_rgb8())?,
        }
    }
    let (animation, ..) = begun.ok_or(SlidesError::Empty)?;
    Ok(animation.finish()?)
}

/// A PNG's pixels over the background.
fn decode(png: &[u8]) -> Result<DynamicImage, image::ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_alloc = Some(LARGEST_BYTES);
    reader.limits(limits);
    let picture = reader.decode()?;
    if !picture.color().has_alpha() {
        return Ok(picture);
    }
    let mut over = RgbaImage::from_pixel(picture.width(), picture.height(), BACKGROUND);
    imageops::overlay(&mut over, &picture.into_rgba8(), 0, 0);
    Ok(over.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{AnimationDecoder, Frame, codecs::gif::GifDecoder};

    fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
        let mut png = Cursor::new(Vec::new());
        picture.into().write_to(&mut png, ImageFormat::Png).unwrap();
        png.into_inner()
    }

    fn plain(width: u32, pixel: [u8; 4]) -> Vec<u8> {
        png(RgbaImage::from_pixel(width, 40, Rgba(pixel)))
    }

    fn animate(pictures: &[Vec<u8>]) -> Result<Vec<u8>, SlidesError> {
        slides_gif(pictures.iter().map(Vec::as_slice))
    }

    fn frames(gif: &[u8]) -> Vec<Frame> {
        let decoder = GifDecoder::new(Cursor::new(gif)).unwrap();
        decoder.into_frames().collect_frames().unwrap()
    }

    #[test]
    fn pictures_come_in_their_order_and_the_last_stays() {
        let colours = [[9, 9, 9, 255], [200, 10, 60, 255], [0, 0, 0, 0]];
        let frames = frames(&animate(&colours.map(|colour| plain(200, colour))).unwrap());
        let shown =
            |frame: &Frame| (frame.buffer().get_pixel(2, 1).0, frame.delay().numer_denom_ms());
        let shown: Vec<_> = frames.iter().map(shown).collect();
        let half = (500, 1);
        let expected = [(colours[0], half), (colours[1], half), ([255; 4], (2000, 1))];
        assert_eq!(shown, expected);
        assert_eq!(frames[0].buffer().dimensions(), (200, 40));
    }

    #[test]
    fn many_pictures_are_quick() {
        let pictures = vec![plain(200, [1, 2, 3, 255]); 300];
        let frames = frames(&animate(&pictures).unwrap());
        let delays: Vec<_> = frames.iter().map(|frame| frame.delay().numer_denom_ms().0).collect();
        assert_eq!((delays[0], delays[298], delays[299]), (60, 60, 2000));
    }

    #[test]
    fn grey_pictures_keep_every_level() {
        let levels = image::GrayImage::from_fn(256, 8, |x, _| image::Luma([x as u8]));
        let frames = frames(&animate(&[png(levels)]).unwrap());
        for (x, _, pixel) in frames[0].buffer().enumerate_pixels() {
            assert_eq!(pixel.0[0], x as u8);
        }
    }

    #[test]
    fn what_makes_no_animation_is_an_error() {
        assert!(matches!(animate(&[]), Err(SlidesError::Empty)));
        let error = animate(&[plain(3, [0; 4]), plain(4, [0; 4])]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "picture 2 has 4 x 40 pixels and the first 3 x 40: all need the same"
        );
        let mut torn = plain(3, [1, 2, 3, 255]);
        torn.truncate(40);
        let error = animate(&[plain(3, [0; 4]), torn]).unwrap_err();
        assert!(matches!(error, SlidesError::Undecodable { number: 2, .. }), "{error}");
    }
}
