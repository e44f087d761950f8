//! sum: y[a, c] = Σ over b of x[a, b, c], b ascending. x [A, B, C] as the axes before, among and
//! after those summed; y [A, 1, C].

use crate::{Real, rows::add_scaled};
use std::ops::Range;

pub(crate) fn sum<T: Real>(x: &[T], dims: &[usize], axes: &Range<usize>) -> Vec<T> {
    let summed: usize = dims[axes.clone()].iter().product();
    let inner: usize = dims[axes.end..].iter().product();
    let outer = x.len() / (summed * inner);
    let mut y = vec![T::zero(); outer * inner];
    for (y, x) in y.chunks_exact_mut(inner).zip(x.chunks_exact(summed * inner)) {
        for row in x.chunks_exact(inner) {
            add_scaled(y, T::one(), row);
        }
    }
    y
}

#[cfg(test)]
mod tests {
    use super::sum;

    #[test]
    fn any_run_of_axes_is_summed() {
        let x: Vec<f64> = (0..12).map(f64::from).collect();
        let dims = [2, 3, 2];
        assert_eq!(sum(&x, &dims, &(0..1)), [6., 8., 10., 12., 14., 16.]);
        assert_eq!(sum(&x, &dims, &(1..2)), [6., 9., 24., 27.]);
        assert_eq!(sum(&x, &dims, &(2..3)), [1., 5., 9., 13., 17., 21.]);
        assert_eq!(sum(&x, &dims, &(0..3)), [66.]);
    }
}
