//! dense_grad_input: dx[n, i] = Σ over o of grad[n, o] · w[i, o], o ascending. grad [N, O],
//! w [I, O], dx [N, I].

use crate::{Real, dense::dense, rows::transpose};

pub(crate) fn dense_grad_input<T: Real>(
    grad: &[T],
    w: &[T],
    [inputs, outputs]: [usize; 2],
) -> Vec<T> {
    dense(grad, &transpose(w, inputs, outputs), [outputs, inputs])
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows_times_rows() {
        let dx = super::dense_grad_input(&[1., 2., 3.], &[1., 2., 3., 4., 5., 6.], [2, 3]);
        assert_eq!(dx, [14., 32.]);
    }
}
