//! A keyed permutation of [0, n) that needs no memory: a Feistel network on the smallest even
//! number of bits that holds n, walked until it lands below n.
//!
//! Source: Black & Rogaway, "Ciphers with arbitrary finite domains" (2002), sections 4 and 5.

use cpu_reference::philox4x32_10;

const ROUNDS: u32 = 8;

/// A permutation of [0, n), the same for the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutation {
    count: u64,
    half_bits: u32,
    key: [u32; 2],
    epoch: u32,
    stream: u32,
}

impl Permutation {
    /// The permutation of `[0, count)` with key `seed` and `epoch`, drawn from Philox's `stream`.
    /// `count` is at most 2³².
    pub fn new(count: u32, seed: u64, epoch: u32, stream: u32) -> Self {
        let bits = u64::from(count).next_power_of_two().trailing_zeros().max(2);
        let key = [seed as u32, (seed >> 32) as u32];
        Self { count: u64::from(count), half_bits: bits.div_ceil(2), key, epoch, stream }
    }

    /// Where `place` goes. A place outside of `[0, count)` goes to one outside.
    pub fn at(&self, place: u32) -> u32 {
        let mut value = u64::from(place);
        if value >= self.count {
            return place;
        }
        loop {
            value = self.feistel(value);
            if value < self.count {
                return value as u32;
            }
        }
    }

    fn feistel(&self, value: u64) -> u64 {
        let mask = (1_u64 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..ROUNDS {
            let counter = [right as u32, round, self.epoch, self.stream];
            let [bits, ..] = philox4x32_10(counter, self.key);
            (left, right) = (right, left ^ (u64::from(bits) & mask));
        }
        left << self.half_bits | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn all(count: u32, seed: u64, epoch: u32) -> Vec<u32> {
        let permutation = Permutation::new(count, seed, epoch, 5);
        (0..count).map(|place| permutation.at(place)).collect()
    }

    #[test]
    fn every_place_is_taken_once() {
        for count in (1..=130).chain([255, 256, 257, 1000, 4097, 10_000]) {
            let places = all(count, 3, 1);
            assert!(places.iter().all(|&place| place < count));
            assert_eq!(places.iter().collect::<HashSet<_>>().len(), count as usize, "{count}");
        }
    }

    #[test]
    fn seed_and_epoch_change_the_order() {
        assert_eq!(all(1000, 1, 0), all(1000, 1, 0));
        for other in [all(1000, 2, 0), all(1000, 1 << 32 | 1, 0), all(1000, 1, 1)] {
            let equal = all(1000, 1, 0).iter().zip(&other).filter(|(a, b)| a == b).count();
            assert!(equal < 15, "{equal} of 1000 places are the same; about 1 is expected");
        }
    }

    #[test]
    fn each_image_is_equally_likely_at_each_place() {
        let (count, epochs) = (10, 5000);
        let mut counts = vec![[0_f64; 10]; count];
        for epoch in 0..epochs {
            for (place, image) in all(count as u32, 7, epoch).into_iter().enumerate() {
                counts[place][image as usize] += 1.0;
            }
        }
        let expected = f64::from(epochs) / count as f64;
        let squares = counts.iter().flatten().map(|&found| (found - expected).powi(2) / expected);
        // Chi-squared with 81 degrees of freedom: 131 is exceeded once in 2,500.
        let chi_squared: f64 = squares.sum();
        assert!(chi_squared < 131.0, "{chi_squared}");
    }
}
