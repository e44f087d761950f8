//! square_root: y = √x. x, y of one shape.

use crate::{Real, elements::map};

pub(crate) fn square_root<T: Real>(x: &[T]) -> Vec<T> {
    map(x, T::sqrt)
}

#[cfg(test)]
mod tests {
    #[test]
    fn squares_are_exact() {
        assert_eq!(super::square_root(&[0.0, 6.25, 9.0]), [0.0, 2.5, 3.0]);
    }
}
