//! dense_grad_weight: dw[i, o] = Σ over n of x[n, i] · grad[n, o], n ascending. x [N, I],
//! grad [N, O], dw [I, O].

use crate::{Real, rows::add_scaled};

pub(crate) fn dense_grad_weight<T: Real>(
    x: &[T],
    grad: &[T],
    [inputs, outputs]: [usize; 2],
) -> Vec<T> {
    let mut dw = vec![T::zero(); inputs * outputs];
    for (i, dw) in dw.chunks_exact_mut(outputs).enumerate() {
        for (x, grad) in x.chunks_exact(inputs).zip(grad.chunks_exact(outputs)) {
            add_scaled(dw, x[i], grad);
        }
    }
    dw
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_times_columns() {
        let dw = super::dense_grad_weight(&[1., 2., 3., 4.], &[5., 6., 7., 8.], [2, 2]);
        assert_eq!(dw, [26., 30., 38., 44.]);
    }
}
