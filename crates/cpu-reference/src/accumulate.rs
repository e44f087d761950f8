//! accumulate: destination += x, in place. Both of one shape.

use crate::{Real, elements::zip};

pub(crate) fn accumulate<T: Real>(x: &[T], destination: &[T]) -> Vec<T> {
    zip(destination, x, |destination, x| destination + x)
}

#[cfg(test)]
mod tests {
    #[test]
    fn x_is_added_to_the_destination() {
        assert_eq!(super::accumulate(&[1.0, 2.0], &[10.0, 20.0]), [11.0, 22.0]);
    }
}
