//! sigmoid: y = 1 / (1 + exp(-x)). x, y of one shape.

use crate::{Real, elements::map};

pub(crate) fn sigmoid<T: Real>(x: &[T]) -> Vec<T> {
    map(x, of_one)
}

/// Of exp(-|x|), which cannot overflow.
pub(crate) fn of_one<T: Real>(x: T) -> T {
    let small = (-x.abs()).exp();
    let numerator = if x < T::zero() { small } else { T::one() };
    numerator / (T::one() + small)
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_symmetric_and_never_overflows() {
        assert_eq!(super::sigmoid(&[0.0f32, 1000.0, -1000.0]), [0.5, 1.0, 0.0]);
        let y = super::sigmoid(&[3.0f64.ln(), -3.0f64.ln()]);
        assert!((y[0] - 0.75).abs() <= 1e-15 && (y[1] - 0.25).abs() <= 1e-15, "{y:?}");
    }
}
