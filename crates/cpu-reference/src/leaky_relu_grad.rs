//! leaky_relu_grad: dx = grad where y > 0, slope · grad elsewhere, y being leaky_relu's output.
//! All of one shape.

use crate::{Real, elements::zip};

pub(crate) fn leaky_relu_grad<T: Real>(grad: &[T], y: &[T], slope: f32) -> Vec<T> {
    let slope = T::from_f32(slope);
    zip(grad, y, |grad, y| if y > T::zero() { grad } else { slope * grad })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sign_of_y_decides() {
        let dx = super::leaky_relu_grad(&[3.0, 3.0, -4.0], &[1.0, 0.0, -1.0], 0.25);
        assert_eq!(dx, [3.0, 0.75, -1.0]);
    }
}
