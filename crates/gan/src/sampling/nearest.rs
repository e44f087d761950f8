//! The training images nearest to pictures, by which memorising shows.

use crate::data::{DataError, Dataset, Mirror, mirror_image};
use rayon::prelude::*;

/// Bytes of images that are compared with all pictures at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// Bytes whose squared differences have a sum that fits 32 bits.
const BLOCK: usize = 1 << 14;
/// The difference of 8-bit values that is 1 in [-1, 1].
const LEVELS: f64 = 127.5;

/// A training image near a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Which image of the data set.
    pub index: usize,
    /// Whether it is the image itself or its mirror image.
    pub mirrored: Mirror,
    /// The Euclidean distance of the pixels in [-1, 1].
    pub distance: f64,
}

impl Neighbour {
    /// Its pixels, `[height, width, channels]`, in the data set that it was found in.
    ///
    /// # Errors
    /// If it cannot be read any more.
    pub fn pixels(&self, data: &Dataset) -> Result<Vec<u8>, DataError> {
        let mut pixels = data.image(self.index)?;
        if self.mirrored == Mirror::Yes {
            mirror_image(&mut pixels, data);
        }
        Ok(pixels)
    }
}

/// Pictures that cannot be compared with training images.
#[derive(Debug, thiserror::Error)]
pub enum NearestError {
    /// They are of another size.
    #[error("{found} bytes are no pictures of {needed} bytes each, as those of {name} are")]
    Pictures {
        /// Bytes given.
        found: usize,
        /// Bytes of one image of the data set.
        needed: usize,
        /// The data set.
        name: String,
    },
    /// The images cannot be read.
    #[error("cannot compare with the training images")]
    Data(#[from] DataError),
}

/// The `count` nearest images of a data set to each picture, the nearest first, of equals the one
/// that comes first. With [`Mirror::Yes`] mirror images are images too.
///
/// `pictures` are `[N, H, W, C]` as the data set's images are. It is read from one end to the other
/// once, a megabyte at a time; `on_progress` hears how many images are done.
///
/// # Errors
/// If the pictures are no whole number of images, or an image cannot be read.
pub fn nearest(
    data: &Dataset,
    mirror: Mirror,
    pictures: &[u8],
    count: usize,
    on_progress: &mut dyn FnMut(usize),
) -> Result<Vec<Vec<Neighbour>>, NearestError> {
    let needed = data.image_bytes();
    if needed == 0 || !pictures.len().is_multiple_of(needed) {
        let (found, name) = (pictures.len(), data.name.clone());
        return Err(NearestError::Pictures { found, needed, name });
    }
    let mut searches: Vec<Search<'_>> = pictures
        .chunks_exact(needed)
        .map(|picture| Search { picture, count, nearest: Vec::with_capacity(count + 1) })
        .collect();
    let per_chunk = (CHUNK_BYTES / needed).max(1);
    let mut images = Vec::new();
    for first in (0..data.count).step_by(per_chunk) {
        let end = data.count.min(first + per_chunk);
        images.clear();
        (first..end).try_for_each(|index| data.append_image(index, &mut images))?;
        searches.par_iter_mut().for_each(|search| search.look_at(&images, first, Mirror::No));
        if mirror == Mirror::Yes {
            images.chunks_exact_mut(needed).for_each(|image| mirror_image(image, data));
            searches.par_iter_mut().for_each(|search| search.look_at(&images, first, mirror));
        }
        on_progress(end);
    }
    Ok(searches.into_iter().map(Search::neighbours).collect())
}

/// A picture and what was found near to it so far.
struct Search<'a> {
    picture: &'a [u8],
    count: usize,
    nearest: Vec<Candidate>,
}

/// Ordered by what is nearer, then by what comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    squares: u64,
    index: usize,
    is_mirrored: bool,
}

impl Search<'_> {
    fn look_at(&mut self, images: &[u8], first: usize, mirrored: Mirror) {
        for (place, image) in images.chunks_exact(self.picture.len()).enumerate() {
            let squares = squared_distance(self.picture, image);
            let is_mirrored = mirrored == Mirror::Yes;
            let candidate = Candidate { squares, index: first + place, is_mirrored };
            let rank = self.nearest.partition_point(|nearer| *nearer < candidate);
            if rank < self.count {
                self.nearest.insert(rank, candidate);
                self.nearest.truncate(self.count);
            }
        }
    }

    fn neighbours(self) -> Vec<Neighbour> {
        let neighbour = |Candidate { squares, index, is_mirrored }: Candidate| Neighbour {
            index,
            mirrored: if is_mirrored { Mirror::Yes } else { Mirror::No },
            distance: (squares as f64).sqrt() / LEVELS,
        };
        self.nearest.into_iter().map(neighbour).collect()
    }
}

/// Σ (a - b)², exact.
fn squared_distance(a: &[u8], b: &[u8]) -> u64 {
    let block = |(a, b): (&[u8], &[u8])| {
        // No sum of a block wraps, and without checks for it the loop is one of SIMD instructions.
        let add = |sum: u32, (a, b): (&u8, &u8)| {
            let difference = u32::from(a.abs_diff(*b));
            sum.wrapping_add(difference.wrapping_mul(difference))
        };
        u64::from(a.iter().zip(b).fold(0, add))
    };
    a.chunks(BLOCK).zip(b.chunks(BLOCK)).map(block).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(
        data: &Dataset,
        mirror: Mirror,
        pictures: &[u8],
        count: usize,
    ) -> Vec<Vec<(usize, Mirror)>> {
        let found = nearest(data, mirror, pictures, count, &mut |_| {}).unwrap();
        let places = |near: &Vec<Neighbour>| near.iter().map(|n| (n.index, n.mirrored)).collect();
        found.iter().map(places).collect()
    }

    #[test]
    fn the_nearest_come_first_and_equals_in_their_order() {
        let data = Dataset::in_memory("test", vec![10, 20, 200, 20, 90, 30], [1, 1, 1]);
        let near = nearest(&data, Mirror::No, &[22, 255], 3, &mut |_| {}).unwrap();
        let places = |of: usize| near[of].iter().map(|n| n.index).collect::<Vec<_>>();
        assert_eq!((places(0), places(1)), (vec![1, 3, 5], vec![2, 4, 5]));
        assert!((near[0][0].distance - 2.0 / 127.5).abs() < 1e-12);
        assert!((near[1][0].distance - 55.0 / 127.5).abs() < 1e-12);
        assert_eq!(found(&data, Mirror::No, &[0], 99)[0].len(), 6, "all there are");
    }

    #[test]
    fn mirror_images_are_found_where_they_are_learned() {
        let data = Dataset::in_memory("test", vec![0, 0, 0, 9, 250, 0], [1, 2, 1]);
        let picture = [0, 250];
        assert_eq!(found(&data, Mirror::No, &picture, 1), [[(1, Mirror::No)]]);
        assert_eq!(found(&data, Mirror::Yes, &picture, 1), [[(2, Mirror::Yes)]]);
        let near = nearest(&data, Mirror::Yes, &picture, 1, &mut |_| {}).unwrap();
        assert_eq!(near[0][0].pixels(&data).unwrap(), picture);
    }

    /// More data than a chunk, and distances that pass 32 bits.
    #[test]
    fn every_chunk_is_searched() {
        let (count, side) = (70, 150);
        let pixels: Vec<u8> =
            (0..count).flat_map(|index| vec![3 * index as u8; side * side]).collect();
        let data = Dataset::in_memory("test", pixels, [side, side, 1]);
        for index in [0, 45, 46, 69] {
            let picture = vec![3 * index as u8; side * side];
            assert_eq!(found(&data, Mirror::No, &picture, 1), [[(index, Mirror::No)]]);
        }
        let [black, white] = [0, 255].map(|value| vec![value; 1 << 18]);
        assert_eq!(squared_distance(&black, &white), (255 * 255) << 18);
    }

    #[test]
    fn pictures_of_another_size_are_refused() {
        let data = Dataset::in_memory("test", vec![0; 8], [2, 2, 1]);
        let error = nearest(&data, Mirror::No, &[0; 6], 1, &mut |_| {}).unwrap_err();
        assert!(matches!(error, NearestError::Pictures { found: 6, needed: 4, .. }), "{error}");
    }
}
