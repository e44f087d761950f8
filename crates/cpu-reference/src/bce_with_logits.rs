//! bce_with_logits: y = max(x, 0) - x · target + log(1 + exp(-|x|)), the cross-entropy of
//! sigmoid(x) against the target. x, y of one shape.

use crate::{Real, elements::map};

pub(crate) fn bce_with_logits<T: Real>(x: &[T], target: f32) -> Vec<T> {
    let target = T::from_f32(target);
    map(x, |x| x.max(T::zero()) - x * target + (-x.abs()).exp().ln_1p())
}

#[cfg(test)]
mod tests {
    use super::bce_with_logits;

    #[test]
    fn it_is_softplus_and_stable() {
        assert_eq!(bce_with_logits(&[1000.0f32, -1000.0], 1.0), [0.0, 1000.0]);
        let y = bce_with_logits(&[0.0f64], 0.5);
        assert!((y[0] - std::f64::consts::LN_2).abs() <= 1e-15);
        for x in [-3.0, -0.1, 0.4, 7.0] {
            let softplus = |x: f64| bce_with_logits(&[x], 0.0)[0];
            assert!((softplus(x) - softplus(-x) - x).abs() <= 1e-14);
        }
    }
}
