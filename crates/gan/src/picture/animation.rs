//! Images one after the other, as a GIF.

use super::{LARGEST_SIDE, PictureError};
use gif::{Encoder, Frame, Repeat};
use std::time::Duration;

/// The longer side that small images are enlarged towards, in pixels.
const TARGET_SIDE: usize = 256;
const LARGEST_FACTOR: usize = 8;
/// How quickly a palette is chosen: from 1, the best, for small frames to this one of 30.
const QUICKEST_PALETTE: usize = 10;
/// Pixels of a frame that each step of that is for.
const PIXELS_A_STEP: usize = 1 << 16;

/// A GIF that grows image by image and repeats for ever, small images enlarged by a whole factor.
///
/// Grey images keep their 256 levels. Each frame of colour has a palette of its own: exact up to 256
/// colours, else the best 256 by NeuQuant (Dekker 1994). GIF knows no half transparency, so that
/// images of four channels lie on white.
pub struct Animation {
    encoder: Encoder<Vec<u8>>,
    height: usize,
    width: usize,
    channels: usize,
    factor: usize,
    /// In hundredths of a second.
    delay: u16,
}

impl Animation {
    /// For images of this shape, each shown for so long, to a hundredth of a second.
    ///
    /// # Errors
    /// [`PictureError`] if no images have this shape, or it is too large.
    pub fn new(
        height: usize,
        width: usize,
        channels: usize,
        frame_time: Duration,
    ) -> Result<Self, PictureError> {
        let longer = height.max(width);
        if !matches!(channels, 1 | 3 | 4) || height.min(width) == 0 {
            return Err(PictureError::Shape { height, width, channels, found: 0 });
        }
        let factor = (TARGET_SIDE / longer).clamp(1, LARGEST_FACTOR);
        let [whole_width, whole_height] = [width, height].map(|side| side.saturating_mul(factor));
        if whole_width.max(whole_height) as u64 > LARGEST_SIDE {
            let (width, height) = (whole_width as u64, whole_height as u64);
            return Err(PictureError::TooLarge { images: 1, columns: 1, rows: 1, width, height });
        }
        let greys: Vec<u8> = (0..=255).flat_map(|level| [level; 3]).collect();
        let palette: &[u8] = if channels == 1 { &greys } else { &[] };
        let mut encoder =
            Encoder::new(Vec::new(), whole_width as u16, whole_height as u16, palette)?;
        encoder.set_repeat(Repeat::Infinite)?;
        let delay = hundredths(frame_time);
        Ok(Self { encoder, height, width, channels, factor, delay })
    }

    /// Shows each image from now on for so long.
    pub(super) fn show_each_for(&mut self, frame_time: Duration) {
        self.delay = hundredths(frame_time);
    }

    /// Adds images, `[count, height, width, channels]`.
    ///
    /// # Errors
    /// [`PictureError::Shape`] if they are of another shape.
    pub fn push(&mut self, pixels: &[u8]) -> Result<(), PictureError> {
        let Self { height, width, channels, .. } = *self;
        let image_bytes = height * width * channels;
        if !pixels.len().is_multiple_of(image_bytes) {
            return Err(PictureError::Shape { height, width, channels, found: pixels.len() });
        }
        for image in pixels.chunks_exact(image_bytes) {
            let frame = self.frame(image);
            self.encoder.write_frame(&frame)?;
        }
        Ok(())
    }

    /// The file.
    ///
    /// # Errors
    /// If its end cannot be written.
    pub fn finish(self) -> Result<Vec<u8>, PictureError> {
        Ok(self.encoder.into_inner()?)
    }

    fn frame(&self, image: &[u8]) -> Frame<'static> {
        // Both extents fit: the whole picture's do.
        let (width, height) = (self.width as u16, self.height as u16);
        let speed = (self.width * self.height / PIXELS_A_STEP).clamp(1, QUICKEST_PALETTE) as i32;
        let mut frame = match self.channels {
            1 => Frame::from_indexed_pixels(width, height, image.to_vec(), None),
            3 => Frame::from_rgb_speed(width, height, image, speed),
            _ => Frame::from_rgb_speed(width, height, &on_white(image), speed),
        };
        let factor = self.factor;
        let rows = frame.buffer.chunks_exact(self.width);
        let wide = rows.map(|row| row.iter().flat_map(|&index| [index].repeat(factor)).collect());
        frame.buffer = wide.flat_map(|row: Vec<u8>| row.repeat(factor)).collect();
        frame.width *= factor as u16;
        frame.height *= factor as u16;
        frame.delay = self.delay;
        frame
    }
}

fn hundredths(time: Duration) -> u16 {
    u16::try_from(time.as_millis() / 10).unwrap_or(u16::MAX)
}

/// Colours multiplied by alpha, over white.
fn on_white(image: &[u8]) -> Vec<u8> {
    let pixels = image.as_chunks().0.iter();
    pixels
        .flat_map(|&[r, g, b, a]| [r, g, b].map(|colour| colour.saturating_add(255 - a)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{AnimationDecoder, codecs::gif::GifDecoder};
    use std::io::Cursor;

    fn frames(height: usize, width: usize, channels: usize, pixels: &[u8]) -> Vec<image::Frame> {
        let time = Duration::from_millis(50);
        let mut animation = Animation::new(height, width, channels, time).unwrap();
        animation.push(pixels).unwrap();
        let gif = Cursor::new(animation.finish().unwrap());
        GifDecoder::new(gif).unwrap().into_frames().collect_frames().unwrap()
    }

    #[test]
    fn grey_levels_are_exact_and_enlarged() {
        let pixels: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        let frames = frames(16, 16, 1, &pixels);
        assert_eq!(frames.len(), 2);
        for (frame, image) in frames.iter().zip(pixels.chunks_exact(256)) {
            let buffer = frame.buffer();
            assert_eq!(buffer.dimensions(), (128, 128));
            assert_eq!(Duration::from(frame.delay()), Duration::from_millis(50));
            for (x, y, pixel) in buffer.enumerate_pixels() {
                let level = image[(y / 8 * 16 + x / 8) as usize];
                assert_eq!(pixel.0, [level, level, level, 255], "{x}, {y}");
            }
        }
    }

    #[test]
    fn few_colours_are_exact_and_many_are_near() {
        let few: Vec<u8> = (0..=255_u8).flat_map(|at| [at, 255 - at, at / 2]).collect();
        for (pixel, colour) in frames(1, 256, 3, &few)[0].buffer().pixels().zip(few.chunks(3)) {
            assert_eq!(&pixel.0[..3], colour);
        }
        // 4,096 colours along two axes.
        let many: Vec<u8> =
            (0..64_u8).flat_map(|y| (0..64_u8).flat_map(move |x| [4 * x, 4 * y, 128])).collect();
        let frame = &frames(64, 64, 3, &many)[0];
        let mut squares = 0.0;
        for (x, y, pixel) in frame.buffer().enumerate_pixels() {
            let at = ((y / 4 * 64 + x / 4) * 3) as usize;
            let errors = (0..3).map(|c| f64::from(pixel.0[c]) - f64::from(many[at + c]));
            squares += errors.map(|error| error * error).sum::<f64>();
        }
        let error = (squares / (256.0 * 256.0 * 3.0)).sqrt();
        assert!(error < 8.0, "a root mean square of {error} of 255");
    }

    #[test]
    fn transparency_lies_on_white() {
        let frames = frames(1, 3, 4, &[0, 0, 0, 0, 64, 0, 0, 128, 1, 2, 3, 255]);
        let at = |x: u32| frames[0].buffer().get_pixel(x * 8, 0).0;
        assert_eq!((at(0), at(1), at(2)), ([255; 4], [191, 127, 127, 255], [1, 2, 3, 255]));
    }

    #[test]
    fn what_is_no_animation_is_an_error() {
        let time = Duration::ZERO;
        assert!(Animation::new(0, 4, 3, time).is_err());
        assert!(Animation::new(4, 4, 2, time).is_err());
        let error = Animation::new(70_000, 4, 1, time).err().unwrap();
        assert!(matches!(error, PictureError::TooLarge { .. }), "{error}");
        assert!(Animation::new(4, 4, 1, time).unwrap().push(&[0; 17]).is_err());
    }
}
