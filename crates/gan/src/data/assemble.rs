//! One size and one number of channels for images of any kind.

use super::{Dataset, DecodedImage, IdxImages, Problem, decode::resized};
use image::{Rgb, RgbImage};

/// The side of images that stay as they are when all of a source's are 28 x 28 and grey.
pub const SMALL: usize = 28;
/// The side that all other images are resized to.
pub const LARGE: usize = 64;

/// Collects images into a [`Dataset`].
///
/// Images that are all 28 x 28 and grey stay so; otherwise all become 64 x 64, grey if all are
/// grey and red, green and blue if not. A 28 x 28 image waits unresized until that is known.
#[derive(Debug, Default)]
pub struct Assembler {
    images: Vec<Square>,
    cropped: usize,
    resized: usize,
    had_alpha: usize,
    notes: Vec<String>,
}

#[derive(Debug)]
struct Square {
    side: usize,
    pixels: Pixels,
}

#[derive(Debug)]
enum Pixels {
    Grey(Vec<u8>),
    Colour(Vec<u8>),
}

impl Assembler {
    /// Adds one image.
    pub fn add(&mut self, image: &DecodedImage) {
        self.cropped += usize::from(image.cropped);
        self.had_alpha += usize::from(image.had_alpha);
        let small = image.grey && image.square.width() as usize == SMALL;
        self.push(&image.square, image.grey, if small { SMALL } else { LARGE });
    }

    /// Adds the images of an IDX file.
    pub fn add_idx(&mut self, images: IdxImages) {
        let IdxImages { height, width, pixels, .. } = images;
        let side = height.min(width);
        for image in pixels.chunks_exact(height * width) {
            if (height, width) == (SMALL, SMALL) {
                let pixels = Pixels::Grey(image.to_vec());
                self.images.push(Square { side: SMALL, pixels });
                continue;
            }
            let (top, left) = ((height - side) / 2, (width - side) / 2);
            let square = RgbImage::from_fn(side as u32, side as u32, |x, y| {
                let place = (top + y as usize) * width + left + x as usize;
                Rgb([image.get(place).copied().unwrap_or(0); 3])
            });
            self.cropped += usize::from(height != width);
            self.push(&square, true, LARGE);
        }
    }

    /// Adds a sentence to [`Dataset::notes`].
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// The data set of all images added, under this name; an error if there are none.
    pub fn finish(mut self, name: &str) -> Result<Dataset, Problem> {
        let grey = self.images.iter().all(|image| matches!(image.pixels, Pixels::Grey(_)));
        let small = grey && self.images.iter().all(|image| image.side == SMALL);
        let (side, channels) = (if small { SMALL } else { LARGE }, if grey { 1 } else { 3 });
        let (count, greys) = (self.images.len(), self.count_grey());
        if count == 0 {
            return Err(Problem::NoImages { files: 0, links: 0 });
        }

        let mut pixels = Vec::with_capacity(count * side * side * channels);
        for image in std::mem::take(&mut self.images) {
            let image = if image.side == side { image } else { self.enlarged(image, side) };
            match image.pixels {
                Pixels::Grey(values) if channels == 3 => {
                    pixels.extend(values.iter().flat_map(|&value| [value; 3]));
                }
                Pixels::Grey(values) | Pixels::Colour(values) => pixels.extend(values),
            }
        }

        let mut notes = std::mem::take(&mut self.notes);
        let changes = [
            (self.cropped, "cut to the centre square".to_owned()),
            (self.resized, format!("resized to {side}x{side}")),
            (self.had_alpha, "laid over white".to_owned()),
            (if grey { 0 } else { greys }, "grey among coloured ones, taken as colour".to_owned()),
        ];
        let changes = changes.iter().filter(|(images, _)| *images > 0);
        notes.extend(changes.map(|(images, change)| match images {
            _ if *images == count => format!("all images {change}"),
            1 => format!("1 image {change}"),
            _ => format!("{images} images {change}"),
        }));
        let name = name.to_owned();
        Ok(Dataset { name, pixels, count, height: side, width: side, channels, notes })
    }

    fn push(&mut self, square: &RgbImage, grey: bool, side: usize) {
        let fits = square.width() as usize == side;
        self.resized += usize::from(!fits);
        let bytes = if fits { square.to_vec() } else { resized(square, side as u32).into_raw() };
        let pixels = match grey {
            true => Pixels::Grey(bytes.into_iter().step_by(3).collect()),
            false => Pixels::Colour(bytes),
        };
        self.images.push(Square { side, pixels });
    }

    fn enlarged(&mut self, image: Square, side: usize) -> Square {
        let Pixels::Grey(values) = &image.pixels else { return image };
        let small = RgbImage::from_fn(SMALL as u32, SMALL as u32, |x, y| {
            Rgb([values.get(y as usize * SMALL + x as usize).copied().unwrap_or(0); 3])
        });
        self.resized += 1;
        let values = resized(&small, side as u32).into_raw().into_iter().step_by(3).collect();
        Square { side, pixels: Pixels::Grey(values) }
    }

    fn count_grey(&self) -> usize {
        self.images.iter().filter(|image| matches!(image.pixels, Pixels::Grey(_))).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(side: u32, colour: [u8; 3]) -> DecodedImage {
        let grey = colour == [colour[0]; 3];
        let square = RgbImage::from_pixel(side, side, Rgb(colour));
        DecodedImage { square, grey, cropped: false, had_alpha: false }
    }

    fn assemble(images: impl IntoIterator<Item = DecodedImage>) -> Dataset {
        let mut assembler = Assembler::default();
        images.into_iter().for_each(|image| assembler.add(&image));
        assembler.finish("test").unwrap()
    }

    #[test]
    fn small_grey_images_stay_as_they_are() {
        let data = assemble([image(28, [1; 3]), image(28, [2; 3])]);
        assert_eq!((data.count, data.height, data.width, data.channels), (2, 28, 28, 1));
        assert_eq!(data.pixels.len(), 2 * 784);
        assert_eq!(data.image(1), Some([2; 784].as_slice()));
        assert!(data.notes.is_empty(), "{:?}", data.notes);
    }

    #[test]
    fn one_coloured_image_makes_all_large_and_coloured() {
        let data = assemble([image(28, [9; 3]), image(28, [1, 2, 3]), image(100, [4, 5, 6])]);
        assert_eq!((data.count, data.height, data.width, data.channels), (3, 64, 64, 3));
        assert_eq!(data.image(0), Some([9; 3 * 4096].as_slice()));
        assert_eq!(data.image(1).map(|image| &image[..3]), Some([1, 2, 3].as_slice()));
        assert_eq!(data.image(2).map(|image| &image[..3]), Some([4, 5, 6].as_slice()));
        let grey = "1 image grey among coloured ones, taken as colour";
        assert_eq!(data.notes, ["all images resized to 64x64", grey]);
    }

    #[test]
    fn large_grey_images_have_one_channel() {
        let data = assemble([image(28, [9; 3]), image(64, [7; 3])]);
        assert_eq!((data.height, data.width, data.channels), (64, 64, 1));
        assert_eq!(data.pixels.len(), 2 * 4096);
        assert_eq!(data.notes, ["1 image resized to 64x64"]);
    }

    #[test]
    fn idx_images_of_other_sizes_are_cut_and_resized() {
        let pixels = (0..2).flat_map(|_| (0..3 * 5).map(|i| (i % 5) * 10)).collect();
        let mut assembler = Assembler::default();
        assembler.add_idx(IdxImages { count: 2, height: 3, width: 5, pixels });
        let data = assembler.finish("test").unwrap();
        assert_eq!((data.count, data.height, data.channels), (2, 64, 1));
        let row = &data.image(1).unwrap()[..64];
        assert!(row[0].abs_diff(10) < 3 && row[63].abs_diff(30) < 3, "columns 1 to 3: {row:?}");
        let resized = "all images resized to 64x64";
        assert_eq!(data.notes, ["all images cut to the centre square", resized]);
    }

    #[test]
    fn no_images_is_an_error() {
        let error = Assembler::default().finish("test").unwrap_err();
        assert!(matches!(error, Problem::NoImages { .. }));
    }
}
