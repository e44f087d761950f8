//! batch_norm_running: running += momentum · (new - running), in place, the new variance being
//! unbiased: variance · count / (count - 1). All \[C\].

use crate::{Real, elements::zip};

pub(crate) fn batch_norm_running<T: Real>(
    [running_mean, running_variance]: [&[T]; 2],
    [mean, variance]: [&[T]; 2],
    momentum: f32,
    count: usize,
) -> [Vec<T>; 2] {
    let momentum = T::from_f32(momentum);
    let unbias = T::from_f64(count as f64) / T::from_f64(count as f64 - 1.0);
    [
        zip(running_mean, mean, |running, new| running + momentum * (new - running)),
        zip(running_variance, variance, |running, new| {
            running + momentum * (new * unbias - running)
        }),
    ]
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_variance_is_unbiased() {
        let moved = super::batch_norm_running([&[2.0], &[2.0]], [&[4.0], &[4.0]], 0.25, 2);
        assert_eq!(moved, [vec![2.5], vec![3.5]]);
    }
}
