//! The Fréchet distance of two sets of features, each taken for a normal distribution.

use crate::{Features, MetricsError};
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// The mean and the covariance of features.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    mean: DVector<f64>,
    /// Unbiased: sums are divided by one less than the images.
    covariance: DMatrix<f64>,
}

impl Moments {
    /// Of two features or more, in f64.
    ///
    /// # Errors
    /// [`MetricsError::TooFew`] of fewer; [`MetricsError::NotFinite`] if a number is not finite.
    pub fn of(features: &Features) -> Result<Self, MetricsError> {
        let (count, dimensions) = (features.count(), features.dimensions());
        if count < 2 {
            return Err(MetricsError::TooFew { found: count, needed: 2 });
        }
        let values = features.values().iter().copied().map(f64::from);
        // Column by column in memory: a column is the features of an image.
        let mut all = DMatrix::from_iterator(dimensions, count, values);
        let mean = all.column_mean();
        all.column_iter_mut().for_each(|mut column| column -= &mean);
        let covariance = (&all * all.transpose()) / (count - 1) as f64;
        match covariance.iter().all(|value| value.is_finite()) {
            true => Ok(Self { mean, covariance }),
            false => Err(MetricsError::NotFinite),
        }
    }
}

/// ‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁^½ Σ₂ Σ₁^½)^½), of moments of one number of features (Dowson &
/// Landau 1982). Of equal moments it is 0.
///
/// The root is taken of a symmetric matrix, so that eigenvalues, of which rounding makes those near
/// 0 negative, say what is left of them: 0.
pub fn frechet_distance(a: &Moments, b: &Moments) -> f64 {
    let root = root(&a.covariance);
    let inner = &root * &b.covariance * &root;
    // Rounding leaves it not quite symmetric.
    let inner = (&inner + inner.transpose()) * 0.5;
    let eigenvalues = SymmetricEigen::new(inner).eigenvalues;
    let trace_of_root: f64 = eigenvalues.iter().map(|value| value.max(0.0).sqrt()).sum();
    let means = (&a.mean - &b.mean).norm_squared();
    means + a.covariance.trace() + b.covariance.trace() - 2.0 * trace_of_root
}

/// The symmetric root of a symmetric matrix without negative eigenvalues.
fn root(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let SymmetricEigen { eigenvectors, eigenvalues } = SymmetricEigen::new(matrix.clone());
    let roots = DMatrix::from_diagonal(&eigenvalues.map(|value| value.max(0.0).sqrt()));
    &eigenvectors * roots * eigenvectors.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f32], dimensions: usize) -> Moments {
        Moments::of(&Features::new(values.to_vec(), dimensions)).unwrap()
    }

    /// One dimension: (μ₁ - μ₂)² + (σ₁ - σ₂)².
    #[test]
    fn one_dimension_by_hand() {
        let [a, b] = [of(&[0.0, 2.0, 4.0], 1), of(&[9.0, 10.0, 11.0], 1)];
        assert!((frechet_distance(&a, &b) - (64.0 + 1.0)).abs() < 1e-12);
        assert!(frechet_distance(&a, &a).abs() < 1e-12);
    }

    /// Covariances that do not commute, of rank one each: their images' roots multiply to
    /// cos² of the angle between them.
    #[test]
    fn directions_count() {
        let a = of(&[-1.0, 0.0, 1.0, 0.0], 2);
        let b = of(&[-0.6, -0.8, 0.6, 0.8], 2);
        // Each variance is 2, and the trace of the root 2 · 0.6.
        let expected = 2.0 + 2.0 - 2.0 * 2.0 * 0.6;
        assert!((frechet_distance(&a, &b) - expected).abs() < 1e-9);
    }

    #[test]
    fn what_has_no_covariance_is_refused() {
        let one = Moments::of(&Features::new(vec![1.0, 2.0], 2)).unwrap_err();
        assert!(matches!(one, MetricsError::TooFew { found: 1, needed: 2 }), "{one}");
        let nan = Moments::of(&Features::new(vec![1.0, f32::NAN], 1)).unwrap_err();
        assert!(matches!(nan, MetricsError::NotFinite), "{nan}");
    }
}
