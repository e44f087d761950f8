//! Which classes images are of, by a classifier.

/// How many images are of each class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelHistogram(Vec<usize>);

impl LabelHistogram {
    /// Of images' classes, each below `classes`.
    pub fn of(labels: &[u16], classes: usize) -> Self {
        let mut counts = vec![0; classes];
        for &label in labels {
            if let Some(count) = counts.get_mut(usize::from(label)) {
                *count += 1;
            }
        }
        Self(counts)
    }

    /// The images of each class.
    pub fn counts(&self) -> &[usize] {
        &self.0
    }

    /// The classes of which there is an image.
    pub fn modes(&self) -> usize {
        self.0.iter().filter(|&&count| count > 0).count()
    }

    /// Σ p ln(p / q), in nats, with p the share of each class here and q that in `reference`
    /// (Srivastava et al. 2017). Infinite if there is a class here that is none there.
    pub fn divergence_from(&self, reference: &Self) -> f64 {
        let share = |histogram: &Self, count: usize| {
            count as f64 / histogram.0.iter().sum::<usize>().max(1) as f64
        };
        let both = self.0.iter().zip(&reference.0).filter(|&(&here, _)| here > 0);
        both.map(|(&here, &there)| {
            let p = share(self, here);
            p * (p / share(reference, there)).ln()
        })
        .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divergence_by_hand() {
        let reals = LabelHistogram::of(&[0, 0, 1, 1, 2, 2, 3, 3], 4);
        let fakes = LabelHistogram::of(&[0, 0, 0, 1], 4);
        assert_eq!((fakes.modes(), fakes.counts()), (2, &[3, 1, 0, 0][..]));
        // 3/4 ln 3 + 1/4 ln 1.
        assert!((fakes.divergence_from(&reals) - 0.75 * 3.0_f64.ln()).abs() < 1e-12);
        assert_eq!(reals.divergence_from(&reals), 0.0);
        assert_eq!(reals.divergence_from(&fakes), f64::INFINITY);
    }
}
