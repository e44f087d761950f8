//! batch_norm_grad_input: dx[r, c] = γ/√(variance + epsilon) · (grad - grad_beta/R -
//! x̂ · grad_gamma/R), with x̂ = (x - mean)/√(variance + epsilon): the gradient through the batch's
//! own statistics. grad, x, dx [.., C] of R rows; mean, variance, γ, grad_gamma, grad_beta \[C\].

use crate::{Real, elements::inverse_deviation};

pub(crate) fn batch_norm_grad_input<T: Real>(
    grad: &[T],
    x: &[T],
    [mean, variance, gamma]: [&[T]; 3],
    [grad_gamma, grad_beta]: [&[T]; 2],
    epsilon: f32,
) -> Vec<T> {
    let channels = mean.len();
    let rows = T::from_f64((x.len() / channels) as f64);
    let inverse = inverse_deviation(variance, epsilon);
    let mut dx = grad.to_vec();
    for (grad, x) in dx.chunks_exact_mut(channels).zip(x.chunks_exact(channels)) {
        for c in 0..channels {
            let normalised = (x[c] - mean[c]) * inverse[c];
            let removed = (grad_beta[c] + normalised * grad_gamma[c]) / rows;
            grad[c] = gamma[c] * inverse[c] * (grad[c] - removed);
        }
    }
    dx
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        batch_norm_grad_gamma_beta::batch_norm_grad_gamma_beta,
        batch_norm_statistics::batch_norm_statistics,
    };

    #[test]
    fn a_batch_of_two_moves_nothing_and_sums_vanish() {
        let dx_of = |x: &[f64], grad: &[f64]| {
            let [mean, variance] = batch_norm_statistics(x, 1);
            let sums = batch_norm_grad_gamma_beta(grad, x, [&mean, &variance], 0.0);
            let vectors = [&mean[..], &variance, &[2.0]];
            batch_norm_grad_input(grad, x, vectors, [&sums[0], &sums[1]], 0.0)
        };
        // Two normalised values are always -1 and 1.
        assert_eq!(dx_of(&[1.0, 5.0], &[7.0, -3.0]), [0.0, 0.0]);
        let dx = dx_of(&[1.0, 2.0, 6.0], &[1.0, -2.0, 0.5]);
        assert!(dx[0].abs() > 0.1 && dx.iter().sum::<f64>().abs() <= 1e-12, "{dx:?}");
    }
}
