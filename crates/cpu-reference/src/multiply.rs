//! multiply: y = a · b, element by element. All of one shape.

use crate::{Real, elements::zip};

pub(crate) fn multiply<T: Real>(a: &[T], b: &[T]) -> Vec<T> {
    zip(a, b, |a, b| a * b)
}

#[cfg(test)]
mod tests {
    #[test]
    fn elements_are_multiplied() {
        assert_eq!(super::multiply(&[2.0, 3.0], &[10.0, -1.0]), [20.0, -3.0]);
    }
}
