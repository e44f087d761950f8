//! batch_norm_statistics: mean\[c\] = Σ over r of x[r, c] / R, variance\[c\] = Σ over r of
//! (x[r, c] - mean\[c\])² / R, r ascending (Ioffe & Szegedy 2015). x [.., C] of R rows; mean,
//! variance \[C\].

use crate::Real;

/// Mean and biased variance, in two passes.
pub(crate) fn batch_norm_statistics<T: Real>(x: &[T], channels: usize) -> [Vec<T>; 2] {
    let rows = T::from_f64((x.len() / channels) as f64);
    let mut mean = vec![T::zero(); channels];
    for row in x.chunks_exact(channels) {
        for (mean, &x) in mean.iter_mut().zip(row) {
            *mean += x;
        }
    }
    for mean in &mut mean {
        *mean /= rows;
    }
    let mut variance = vec![T::zero(); channels];
    for row in x.chunks_exact(channels) {
        for ((variance, &mean), &x) in variance.iter_mut().zip(&mean).zip(row) {
            *variance += (x - mean) * (x - mean);
        }
    }
    for variance in &mut variance {
        *variance /= rows;
    }
    [mean, variance]
}

#[cfg(test)]
mod tests {
    #[test]
    fn mean_and_biased_variance_of_each_channel() {
        let x = [1.0f32, 1e4, 2.0, 1e4 + 1.0, 6.0, 1e4 + 2.0];
        let [mean, variance] = super::batch_norm_statistics(&x, 2);
        assert_eq!(mean, [3.0, 10_001.0]);
        assert_eq!(variance, [14.0 / 3.0, 2.0 / 3.0]);
    }
}
