//! scale: y = factor · x + offset. x, y of one shape.

use crate::{Real, elements::map};

pub(crate) fn scale<T: Real>(x: &[T], factor: f32, offset: f32) -> Vec<T> {
    let (factor, offset) = (T::from_f32(factor), T::from_f32(offset));
    map(x, |x| factor * x + offset)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_offset_is_added_after_scaling() {
        assert_eq!(super::scale(&[2.0, -1.0], 3.0, 0.5), [6.5, -2.5]);
    }
}
