//! tanh_grad: dx = grad · (1 - y²), y being tanh's output. All of one shape.

use crate::{Real, elements::zip};

pub(crate) fn tanh_grad<T: Real>(grad: &[T], y: &[T]) -> Vec<T> {
    zip(grad, y, |grad, y| grad * (T::one() - y * y))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_vanishes_where_tanh_saturates() {
        assert_eq!(super::tanh_grad(&[2.0, 2.0, 2.0], &[0.0, 0.5, -1.0]), [2.0, 1.5, 0.0]);
    }
}
