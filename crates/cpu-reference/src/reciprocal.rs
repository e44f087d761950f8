//! reciprocal: y = 1 / x. x, y of one shape.

use crate::{Real, elements::map};

pub(crate) fn reciprocal<T: Real>(x: &[T]) -> Vec<T> {
    map(x, |x| T::one() / x)
}

#[cfg(test)]
mod tests {
    #[test]
    fn powers_of_two_are_exact() {
        assert_eq!(super::reciprocal(&[4.0, -0.5]), [0.25, -2.0]);
    }
}
