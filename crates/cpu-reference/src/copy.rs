//! copy: destination = x, in place. Both of one shape.

use crate::Real;

pub(crate) fn copy<T: Real>(x: &[T]) -> Vec<T> {
    x.to_vec()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_destination_is_x() {
        assert_eq!(super::copy(&[1.5, -2.0]), [1.5, -2.0]);
    }
}
