//! leaky_relu: y = x where x > 0, slope · x elsewhere. x, y of one shape. ReLU has slope 0.

use crate::{Real, elements::map};

pub(crate) fn leaky_relu<T: Real>(x: &[T], slope: f32) -> Vec<T> {
    let slope = T::from_f32(slope);
    map(x, |x| if x > T::zero() { x } else { slope * x })
}

#[cfg(test)]
mod tests {
    #[test]
    fn negative_values_are_scaled() {
        assert_eq!(super::leaky_relu(&[2.0, 0.0, -2.0], 0.25), [2.0, 0.0, -0.5]);
    }
}
