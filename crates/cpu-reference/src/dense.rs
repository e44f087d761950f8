//! dense: y[n, o] = Σ over i of x[n, i] · w[i, o], i ascending. x [N, I], w [I, O], y [N, O].

use crate::{Real, rows::add_product};

pub(crate) fn dense<T: Real>(x: &[T], w: &[T], [inputs, outputs]: [usize; 2]) -> Vec<T> {
    let mut y = vec![T::zero(); x.len() / inputs * outputs];
    for (y, x) in y.chunks_exact_mut(outputs).zip(x.chunks_exact(inputs)) {
        add_product(y, x, w);
    }
    y
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows_times_columns() {
        let y = super::dense(&[1., 2., 3., 4.], &[1., 2., 3., 4., 5., 6.], [2, 3]);
        assert_eq!(y, [9., 12., 15., 19., 26., 33.]);
    }
}
