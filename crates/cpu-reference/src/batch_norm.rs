//! batch_norm: y[r, c] = γ\[c\] · (x[r, c] - mean\[c\]) / √(variance\[c\] + epsilon) + β\[c\] (Ioffe &
//! Szegedy 2015). x, y [.., C]; mean, variance, γ, β \[C\].

use crate::{Real, elements::inverse_deviation};

pub(crate) fn batch_norm<T: Real>(
    x: &[T],
    [mean, variance]: [&[T]; 2],
    [gamma, beta]: [&[T]; 2],
    epsilon: f32,
) -> Vec<T> {
    let inverse = inverse_deviation(variance, epsilon);
    let mut y = x.to_vec();
    for row in y.chunks_exact_mut(mean.len()) {
        for (c, x) in row.iter_mut().enumerate() {
            *x = gamma[c] * ((*x - mean[c]) * inverse[c]) + beta[c];
        }
    }
    y
}

#[cfg(test)]
mod tests {
    #[test]
    fn channels_are_normalised_apart() {
        let y = super::batch_norm(
            &[1.0, 10.0, 3.0, 30.0],
            [&[2.0, 20.0], &[0.75, 99.75]],
            [&[1.0, 2.0], &[0.0, 5.0]],
            0.25,
        );
        assert_eq!(y, [-1.0, 3.0, 1.0, 7.0]);
    }
}
