//! sigmoid_grad: dx = grad · y · (1 - y), y being sigmoid's output. All of one shape.

use crate::{Real, elements::zip};

pub(crate) fn sigmoid_grad<T: Real>(grad: &[T], y: &[T]) -> Vec<T> {
    zip(grad, y, |grad, y| grad * y * (T::one() - y))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_greatest_in_the_middle() {
        assert_eq!(super::sigmoid_grad(&[4.0, 4.0, 4.0], &[0.5, 0.25, 1.0]), [1.0, 0.75, 0.0]);
    }
}
