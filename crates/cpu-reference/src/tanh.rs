//! tanh: y = tanh x. x, y of one shape.

use crate::{Real, elements::map};

pub(crate) fn tanh<T: Real>(x: &[T]) -> Vec<T> {
    map(x, T::tanh)
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_odd_saturates_and_matches_its_definition() {
        assert_eq!(super::tanh(&[100.0, -100.0, 0.0]), [1.0, -1.0, 0.0]);
        let y = super::tanh(&[0.7, -0.7]);
        let exact = ((1.4f64).exp() - 1.0) / ((1.4f64).exp() + 1.0);
        assert!((y[0] - exact).abs() <= 1e-15 && y[1] == -y[0], "{y:?}");
    }
}
