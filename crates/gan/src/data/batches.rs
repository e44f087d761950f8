//! Which images each step takes.

use super::{DataError, Dataset, Permutation, Problem};
use crate::streams;

/// Whether the images' mirror images are images too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mirror {
    /// They are not.
    #[default]
    No,
    /// The set is doubled by its images with left and right exchanged.
    Yes,
}

/// The order in which training takes the images of a data set: epoch by epoch, each in an order of
/// its own, the last partial batch of each dropped.
///
/// A function of seed and step alone, so that going on from a checkpoint needs its step only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batches {
    /// With mirror images.
    images: u32,
    batch: u32,
    seed: u64,
}

impl Batches {
    /// Batches of `batch` images of `data`, and of their mirror images if these count.
    ///
    /// # Errors
    /// [`Problem::TooFewImages`] if there are fewer images than that.
    pub fn new(data: &Dataset, batch: usize, seed: u64, mirror: Mirror) -> Result<Self, Problem> {
        let images = match mirror {
            Mirror::No => data.count,
            Mirror::Yes => data.count.saturating_mul(2),
        };
        match (u32::try_from(images), u32::try_from(batch)) {
            (Ok(images), Ok(batch)) if (1..=images).contains(&batch) => {
                Ok(Self { images, batch, seed })
            }
            _ => Err(Problem::TooFewImages { images, batch }),
        }
    }

    /// Steps in one epoch.
    pub fn steps_per_epoch(&self) -> u64 {
        u64::from(self.images / self.batch)
    }

    /// The images that `step` (from 0) takes, in order. Numbers from the number of images on are
    /// those of mirror images, in the same order.
    pub fn indices(&self, step: u64) -> impl Iterator<Item = usize> + use<> {
        let epoch = (step / self.steps_per_epoch()) as u32;
        let first = (step % self.steps_per_epoch()) as u32 * self.batch;
        let order = Permutation::new(self.images, self.seed, epoch, streams::SHUFFLE);
        (first..first + self.batch).map(move |place| order.at(place) as usize)
    }

    /// Replaces `into` by the pixels that `step` (from 0) takes, `[batch, height, width, channels]`.
    ///
    /// # Errors
    /// If an image lies in a file that cannot be read any more.
    pub fn pixels(&self, data: &Dataset, step: u64, into: &mut Vec<u8>) -> Result<(), DataError> {
        into.clear();
        for index in self.indices(step) {
            match index.checked_sub(data.count) {
                None => data.append_image(index, into)?,
                Some(mirrored) => {
                    let start = into.len();
                    data.append_image(mirrored, into)?;
                    into.get_mut(start..)
                        .map(|image| mirror_image(image, data))
                        .unwrap_or_default();
                }
            }
        }
        Ok(())
    }
}

/// Exchanges left and right of one image of a data set.
pub(crate) fn mirror_image(image: &mut [u8], data: &Dataset) {
    for row in image.chunks_exact_mut(data.width * data.channels) {
        // Backwards, then each pixel forwards again.
        row.reverse();
        row.chunks_exact_mut(data.channels).for_each(<[u8]>::reverse);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn data(count: usize) -> Dataset {
        Dataset::in_memory("test", (0..count * 2).map(|i| (i / 2) as u8).collect(), [1, 2, 1])
    }

    #[test]
    fn an_epoch_takes_each_image_once_and_drops_the_rest() {
        let batches = Batches::new(&data(10), 3, 1, Mirror::No).unwrap();
        assert_eq!(batches.steps_per_epoch(), 3);
        let epoch = |epoch: u64| -> Vec<usize> {
            (epoch * 3..epoch * 3 + 3).flat_map(|step| batches.indices(step)).collect()
        };
        for number in 0..50 {
            let images = epoch(number);
            assert_eq!(images.len(), 9);
            assert_eq!(images.iter().collect::<HashSet<_>>().len(), 9, "{images:?}");
        }
        assert_ne!(epoch(0), epoch(1));
        let dropped: HashSet<usize> = (0..50).flat_map(epoch).collect();
        assert_eq!(dropped.len(), 10, "every image is seen sooner or later");
    }

    #[test]
    fn pixels_are_those_of_the_indices() {
        let data = data(10);
        let batches = Batches::new(&data, 4, 9, Mirror::No).unwrap();
        let mut pixels = vec![1, 2, 3];
        batches.pixels(&data, 5, &mut pixels).unwrap();
        let expected: Vec<u8> = batches.indices(5).flat_map(|index| [index as u8; 2]).collect();
        assert_eq!(pixels, expected);
    }

    #[test]
    fn mirror_images_double_the_set() {
        // Two rows of three pixels of two channels.
        let image: Vec<u8> = (0..12).collect();
        let mirrored = [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7];
        let data = Dataset::in_memory("test", [image.clone(), vec![9; 12]].concat(), [2, 3, 2]);
        let batches = Batches::new(&data, 4, 1, Mirror::Yes).unwrap();
        assert_eq!(batches.steps_per_epoch(), 1);
        let (mut found, mut again) = (Vec::new(), Vec::new());
        for step in 0..5 {
            batches.pixels(&data, step, &mut found).unwrap();
            let mut images: Vec<&[u8]> = found.chunks(12).collect();
            images.sort_unstable();
            assert_eq!(images, [&image[..], &mirrored, &[9; 12], &[9; 12]]);
            batches.pixels(&data, step, &mut again).unwrap();
            assert_eq!(found, again, "a function of the step");
        }
        assert!(Batches::new(&data, 5, 1, Mirror::Yes).is_err());
        assert!(Batches::new(&data, 3, 1, Mirror::No).is_err());
    }

    #[test]
    fn fewer_images_than_a_batch_is_an_error_that_says_what_would_work() {
        let error = Batches::new(&data(10), 11, 1, Mirror::No).unwrap_err().to_string();
        assert!(error.contains("has 10 images but a batch takes 11"), "{error}");
        assert!(error.contains("--batch 10"), "{error}");
        assert!(Batches::new(&data(10), 10, 1, Mirror::No).is_ok());
    }
}
