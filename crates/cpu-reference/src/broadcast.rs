//! broadcast: y[a, b, c] = x[a, c]. x [A, 1, C] as the axes before, among and after those
//! repeated; y [A, B, C].

use crate::Real;
use std::ops::Range;

/// `dims` are those of y.
pub(crate) fn broadcast<T: Real>(x: &[T], dims: &[usize], axes: &Range<usize>) -> Vec<T> {
    let repeats: usize = dims[axes.clone()].iter().product();
    let inner: usize = dims[axes.end..].iter().product();
    x.chunks_exact(inner).flat_map(|row| row.repeat(repeats)).collect()
}

#[cfg(test)]
mod tests {
    use super::broadcast;

    #[test]
    fn any_run_of_axes_is_repeated() {
        assert_eq!(broadcast(&[1., 2.], &[3, 2], &(0..1)), [1., 2., 1., 2., 1., 2.]);
        assert_eq!(broadcast(&[1., 2.], &[2, 3], &(1..2)), [1., 1., 1., 2., 2., 2.]);
        assert_eq!(
            broadcast(&[1., 2., 3., 4.], &[2, 2, 2], &(1..2)),
            [1., 2., 1., 2., 3., 4., 3., 4.]
        );
    }
}
