//! Which images each step takes.

use super::{Dataset, Permutation, Problem};
use crate::streams;

/// The order in which training takes the images of a data set: epoch by epoch, each in an order of
/// its own, the last partial batch of each dropped.
///
/// A function of seed and step alone, so that going on from a checkpoint needs its step only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batches {
    images: u32,
    batch: u32,
    seed: u64,
}

impl Batches {
    /// Batches of `batch` images of `data`.
    ///
    /// # Errors
    /// [`Problem::TooFewImages`] if there are fewer images than that.
    pub fn new(data: &Dataset, batch: usize, seed: u64) -> Result<Self, Problem> {
        let too_few = Problem::TooFewImages { images: data.count, batch };
        match (u32::try_from(data.count), u32::try_from(batch)) {
            (Ok(images), Ok(batch)) if (1..=images).contains(&batch) => {
                Ok(Self { images, batch, seed })
            }
            _ => Err(too_few),
        }
    }

    /// Steps in one epoch.
    pub fn steps_per_epoch(&self) -> u64 {
        u64::from(self.images / self.batch)
    }

    /// The images that `step` (from 0) takes, in order.
    pub fn indices(&self, step: u64) -> impl Iterator<Item = usize> + use<> {
        let epoch = (step / self.steps_per_epoch()) as u32;
        let first = (step % self.steps_per_epoch()) as u32 * self.batch;
        let order = Permutation::new(self.images, self.seed, epoch, streams::SHUFFLE);
        (first..first + self.batch).map(move |place| order.at(place) as usize)
    }

    /// Replaces `into` by the pixels that `step` (from 0) takes, `[batch, height, width, channels]`.
    pub fn pixels(&self, data: &Dataset, step: u64, into: &mut Vec<u8>) {
        into.clear();
        self.indices(step).filter_map(|index| data.image(index)).for_each(|image| {
            into.extend_from_slice(image);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn data(count: usize) -> Dataset {
        Dataset {
            name: "test".to_owned(),
            pixels: (0..count * 2).map(|i| (i / 2) as u8).collect(),
            count,
            height: 1,
            width: 2,
            channels: 1,
            notes: Vec::new(),
        }
    }

    #[test]
    fn an_epoch_takes_each_image_once_and_drops_the_rest() {
        let batches = Batches::new(&data(10), 3, 1).unwrap();
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
        let batches = Batches::new(&data, 4, 9).unwrap();
        let mut pixels = vec![1, 2, 3];
        batches.pixels(&data, 5, &mut pixels);
        let expected: Vec<u8> = batches.indices(5).flat_map(|index| [index as u8; 2]).collect();
        assert_eq!(pixels, expected);
    }

    #[test]
    fn fewer_images_than_a_batch_is_an_error_that_says_what_would_work() {
        let error = Batches::new(&data(10), 11, 1).unwrap_err().to_string();
        assert!(error.contains("has 10 images but a batch takes 11"), "{error}");
        assert!(error.contains("--batch 10"), "{error}");
        assert!(Batches::new(&data(10), 10, 1).is_ok());
    }
}
