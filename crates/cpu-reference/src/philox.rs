//! Philox4x32-10, the counter-based generator of Salmon et al. 2011, "Parallel random numbers: as
//! easy as 1, 2, 3", with the constants of that paper.

use graph::{Shape, scalars};

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The four random words of one counter under one key.
pub fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let ([mut c0, mut c1, mut c2, mut c3], [mut k0, mut k1]) = (counter, key);
    for _ in 0..ROUNDS {
        let (high0, low0) = wide_product(MULTIPLIERS[0], c0);
        let (high1, low1) = wide_product(MULTIPLIERS[1], c2);
        [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
        k0 = k0.wrapping_add(KEY_STEPS[0]);
        k1 = k1.wrapping_add(KEY_STEPS[1]);
    }
    [c0, c1, c2, c3]
}

fn wide_product(a: u32, b: u32) -> (u32, u32) {
    let product = u64::from(a) * u64::from(b);
    ((product >> 32) as u32, product as u32)
}

/// Which words a tensor [N, ..] takes.
pub(crate) struct Draw {
    pub(crate) stream: u32,
    pub(crate) first_block: u32,
}

impl Draw {
    /// One word an element: element e of sample n is word e mod 4 of counter
    /// (first_block + e / 4, first_sample + n, step, stream), under the key of the seed.
    pub(crate) fn words(&self, shape: &Shape, step_scalars: &[u32]) -> Vec<u32> {
        let scalar = |id: graph::ScalarId| step_scalars[id.index()];
        let key = [scalar(scalars::SEED_LOW), scalar(scalars::SEED_HIGH)];
        let samples = shape.dims().first().copied().unwrap_or(1);
        let length = shape.elements() / samples;
        let mut words = Vec::with_capacity(shape.elements());
        for n in 0..samples {
            let sample = scalar(scalars::FIRST_SAMPLE).wrapping_add(n as u32);
            for start in (0..length).step_by(4) {
                let block = self.first_block.wrapping_add((start / 4) as u32);
                let counter = [block, sample, scalar(scalars::STEP), self.stream];
                let taken = (length - start).min(4);
                words.extend_from_slice(&philox4x32_10(counter, key)[..taken]);
            }
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::philox4x32_10;

    /// The known-answer vectors published with Random123.
    #[test]
    fn known_answers() {
        let ones = u32::MAX;
        assert_eq!(
            philox4x32_10([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox4x32_10([ones; 4], [ones; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        let digits_of_pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        assert_eq!(
            philox4x32_10(digits_of_pi, [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}
