//! ema: average += rate · (value - average), in place. Both of one shape; rate = 1 - decay.

use crate::{Real, elements::zip};

pub(crate) fn ema<T: Real>(average: &[T], value: &[T], rate: T) -> Vec<T> {
    zip(average, value, |average, value| average + rate * (value - average))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_average_moves_by_the_rate() {
        assert_eq!(super::ema(&[2.0, 4.0], &[4.0, 0.0], 0.25), [2.5, 3.0]);
    }
}
