//! add: y = a + b. All of one shape.

use crate::{Real, elements::zip};

pub(crate) fn add<T: Real>(a: &[T], b: &[T]) -> Vec<T> {
    zip(a, b, |a, b| a + b)
}

#[cfg(test)]
mod tests {
    #[test]
    fn elements_are_added() {
        assert_eq!(super::add(&[1.0, 2.0], &[10.0, -20.0]), [11.0, -18.0]);
    }
}
