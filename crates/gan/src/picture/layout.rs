//! Where images stand in a picture of many.

use super::{LARGEST_SIDE, PictureError};

const MARGIN: u32 = 2;
/// Between strips, so that they are told apart from what is in them.
const STRIP_GAP: u32 = 12;
/// The width that small images are enlarged towards, in pixels.
const TARGET_WIDTH: u32 = 760;
const LARGEST_FACTOR: u32 = 8;
/// What an empty place in a grid counts, as a share of all, against the logarithm of its aspect.
const EMPTY_PLACES: f64 = 4.0;

/// Strips of equally many images in rows and columns. A grid is one of strips of one image.
pub(super) struct Arrangement {
    per_strip: u32,
    /// Strips in a row.
    columns: u32,
    gap: u32,
    /// The width and height of one image.
    pub(super) tile: (u32, u32),
    /// Of the picture.
    pub(super) width: u32,
    /// Of the picture.
    pub(super) height: u32,
}

impl Arrangement {
    /// For a whole number of strips of images of this height and width.
    pub(super) fn new(
        images: usize,
        per_strip: usize,
        height: u64,
        width: u64,
    ) -> Result<Self, PictureError> {
        let strips = images / per_strip;
        let columns = columns(strips, height as f64 / (width as f64 * per_strip as f64));
        let rows = strips.div_ceil(columns);
        let across = (columns * per_strip) as u64;
        let factor = (u64::from(TARGET_WIDTH) / across.saturating_mul(width))
            .clamp(1, u64::from(LARGEST_FACTOR));
        let gap = if per_strip == 1 { MARGIN } else { STRIP_GAP };
        let side = |strips: usize, per_strip: usize, tile: u64| {
            let (strips, per_strip) = (strips as u64, per_strip as u64);
            let gaps = (strips - 1) * u64::from(gap);
            let margins = (strips * (per_strip - 1) + 2) * u64::from(MARGIN);
            (strips * per_strip).saturating_mul(tile).saturating_mul(factor) + gaps + margins
        };
        let (whole_width, whole_height) = (side(columns, per_strip, width), side(rows, 1, height));
        if whole_width.max(whole_height) > LARGEST_SIDE {
            return Err(PictureError::TooLarge {
                images,
                columns: across as u32,
                rows: rows as u32,
                width: whole_width,
                height: whole_height,
            });
        }
        Ok(Self {
            per_strip: per_strip as u32,
            columns: columns as u32,
            gap,
            tile: ((width * factor) as u32, (height * factor) as u32),
            width: whole_width as u32,
            height: whole_height as u32,
        })
    }

    /// The left and upper edge of an image.
    pub(super) fn place(&self, index: u32) -> [u32; 2] {
        let (strip, place) = (index / self.per_strip, index % self.per_strip);
        let (tile_width, tile_height) = self.tile;
        let strip_width = self.per_strip * (tile_width + MARGIN) - MARGIN;
        let x = strip % self.columns * (strip_width + self.gap) + place * (tile_width + MARGIN);
        let y = strip / self.columns * (tile_height + self.gap);
        [MARGIN + x, MARGIN + y]
    }

    /// The left and upper edge, the width and the height of what frames an image, if it is the first
    /// of several in a strip.
    pub(super) fn frame(&self, index: u32) -> Option<[u32; 4]> {
        let first_of_several = self.per_strip > 1 && index.is_multiple_of(self.per_strip);
        first_of_several.then(|| {
            let [x, y] = self.place(index);
            let (width, height) = self.tile;
            [x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN]
        })
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
}
