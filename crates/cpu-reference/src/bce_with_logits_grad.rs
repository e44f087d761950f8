//! bce_with_logits_grad: dx = grad · (sigmoid(x) - target). All of one shape.

use crate::{Real, elements::zip, sigmoid};

pub(crate) fn bce_with_logits_grad<T: Real>(grad: &[T], x: &[T], target: f32) -> Vec<T> {
    let target = T::from_f32(target);
    zip(grad, x, |grad, x| grad * (sigmoid::of_one(x) - target))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_probability_less_the_target() {
        let dx = super::bce_with_logits_grad(&[2.0, 2.0, 2.0], &[0.0, 1000.0, -1000.0], 1.0);
        assert_eq!(dx, [-1.0, 0.0, -2.0]);
    }
}
