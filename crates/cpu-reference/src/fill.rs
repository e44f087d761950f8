//! fill: y = value. y of any shape.

use crate::Real;

pub(crate) fn fill<T: Real>(value: f32, elements: usize) -> Vec<T> {
    vec![T::from_f32(value); elements]
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_element_is_the_value() {
        assert_eq!(super::fill::<f64>(0.25, 3), [0.25; 3]);
    }
}
