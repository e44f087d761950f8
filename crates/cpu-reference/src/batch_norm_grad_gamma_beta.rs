//! batch_norm_grad_gamma_beta: grad_gamma\[c\] = Σ over r of grad[r, c] · x̂[r, c], grad_beta\[c\] =
//! Σ over r of grad[r, c], r ascending, with x̂ = (x - mean)/√(variance + epsilon). grad, x [.., C];
//! mean, variance, grad_gamma, grad_beta \[C\].

use crate::{Real, elements::inverse_deviation};

pub(crate) fn batch_norm_grad_gamma_beta<T: Real>(
    grad: &[T],
    x: &[T],
    [mean, variance]: [&[T]; 2],
    epsilon: f32,
) -> [Vec<T>; 2] {
    let channels = mean.len();
    let inverse = inverse_deviation(variance, epsilon);
    let mut sums = [vec![T::zero(); channels], vec![T::zero(); channels]];
    let [grad_gamma, grad_beta] = &mut sums;
    for (grad, x) in grad.chunks_exact(channels).zip(x.chunks_exact(channels)) {
        for c in 0..channels {
            grad_gamma[c] += grad[c] * ((x[c] - mean[c]) * inverse[c]);
            grad_beta[c] += grad[c];
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_sums_of_one_channel() {
        let [grad_gamma, grad_beta] =
            super::batch_norm_grad_gamma_beta(&[10.0, 1.0], &[1.0, 5.0], [&[3.0], &[3.75]], 0.25);
        assert_eq!((grad_gamma, grad_beta), (vec![-9.0], vec![11.0]));
    }
}
