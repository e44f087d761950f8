//! adam: m += first_rate (g - m), v += second_rate (g² - v),
//! w -= step_size · m / (√v · correction + epsilon), in place (Kingma & Ba 2015). All of one shape;
//! the rates are 1 - β1 and 1 - β2, step_size = learning_rate / (1 - β1ᵗ) and correction = 1 / √(1 - β2ᵗ) at step t.

use crate::{Real, elements::zip};

/// The attributes and scalars of one step.
pub(crate) struct Attributes<T> {
    pub(crate) first_rate: T,
    pub(crate) second_rate: T,
    pub(crate) epsilon: T,
    pub(crate) step_size: T,
    pub(crate) correction: T,
}

/// The new weights, m and v.
pub(crate) fn adam<T: Real>(
    weights: &[T],
    gradient: &[T],
    [m, v]: [&[T]; 2],
    attributes: &Attributes<T>,
) -> [Vec<T>; 3] {
    let &Attributes { first_rate, second_rate, epsilon, step_size, correction } = attributes;
    let m = zip(m, gradient, |m, g| m + first_rate * (g - m));
    let v = zip(v, gradient, |v, g| v + second_rate * (g * g - v));
    let update = zip(&m, &v, |m, v| step_size * m / (v.sqrt() * correction + epsilon));
    [zip(weights, &update, |weight, update| weight - update), m, v]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_published_algorithm() {
        let (rate, beta1, beta2, epsilon) = (0.01, 0.9, 0.99, 1e-3);
        let (mut weights, mut m, mut v) = (vec![1.0], vec![0.0], vec![0.0]);
        let (mut weight, mut first, mut second): (f64, f64, f64) = (1.0, 0.0, 0.0);
        for (t, gradient) in [0.5, -2.0, 0.25, 3.0].into_iter().enumerate() {
            let [power1, power2] = [beta1, beta2].map(|beta: f64| beta.powi(t as i32 + 1));
            let attributes = Attributes {
                first_rate: 1.0 - beta1,
                second_rate: 1.0 - beta2,
                epsilon,
                step_size: rate / (1.0 - power1),
                correction: 1.0 / (1.0 - power2).sqrt(),
            };
            [weights, m, v] = adam(&weights, &[gradient], [&m, &v], &attributes);
            first = beta1 * first + (1.0 - beta1) * gradient;
            second = beta2 * second + (1.0 - beta2) * gradient * gradient;
            let (first_hat, second_hat) = (first / (1.0 - power1), second / (1.0 - power2));
            weight -= rate * first_hat / (second_hat.sqrt() + epsilon);
            assert!((weights[0] - weight).abs() <= 1e-14, "{t}: {} {weight}", weights[0]);
        }
    }
}
