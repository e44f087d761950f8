//! dropout: y = x / (1 - rate) where the Philox word of the same place is at least rate · 2³², 0
//! elsewhere (Srivastava et al. 2014, scaled when training). x, y [N, ..].

use crate::{Real, philox::Draw};
use graph::Shape;

pub(crate) fn dropout<T: Real>(
    x: &[T],
    shape: &Shape,
    rate: f32,
    draw: &Draw,
    scalars: &[u32],
) -> Vec<T> {
    let threshold = (f64::from(rate) * 4_294_967_296.0) as u32;
    let factor = T::from_f32((1.0 / (1.0 - f64::from(rate))) as f32);
    let words = draw.words(shape, scalars);
    let keep = words.into_iter().map(|word| word >= threshold);
    x.iter().zip(keep).map(|(&x, keep)| if keep { x * factor } else { T::zero() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(rate: f32, step: u32) -> Vec<f64> {
        let draw = Draw { stream: 1, first_block: 0 };
        dropout(&[1.0; 10_000], &Shape::new(&[10, 1000]), rate, &draw, &[4, 5, step, 0])
    }

    #[test]
    fn the_share_of_zeros_is_the_rate_and_the_rest_is_scaled() {
        let y = masked(0.25, 0);
        let zeros = y.iter().filter(|&&y| y == 0.0).count();
        assert!((2300..2700).contains(&zeros), "{zeros} zeros of 10,000");
        assert!(y.iter().all(|&y| y == 0.0 || y == f64::from((1.0 / 0.75) as f32)));
    }

    #[test]
    fn rate_0_keeps_everything_and_each_step_draws_anew() {
        assert_eq!(masked(0.0, 0), [1.0; 10_000]);
        assert_eq!(masked(0.5, 1), masked(0.5, 1));
        assert_ne!(masked(0.5, 1), masked(0.5, 2));
    }
}
