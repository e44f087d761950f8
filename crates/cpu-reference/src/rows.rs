//! Loops over contiguous rows, which the compiler vectorises.

use crate::Real;

/// sum += factor · row, element by element.
pub(crate) fn add_scaled<T: Real>(sum: &mut [T], factor: T, row: &[T]) {
    for (sum, &value) in sum.iter_mut().zip(row) {
        *sum += factor * value;
    }
}

/// sum += vector·matrix, for vector \[R\], matrix [R, C] and sum \[C\]; ascending in R.
pub(crate) fn add_product<T: Real>(sum: &mut [T], vector: &[T], matrix: &[T]) {
    for (&factor, row) in vector.iter().zip(matrix.chunks_exact(sum.len())) {
        add_scaled(sum, factor, row);
    }
}

/// Swaps the two axes of each of the matrices [.., R, C].
pub(crate) fn transpose<T: Real>(matrices: &[T], rows: usize, columns: usize) -> Vec<T> {
    let mut transposed = Vec::with_capacity(matrices.len());
    for matrix in matrices.chunks_exact(rows * columns) {
        for column in 0..columns {
            transposed.extend((0..rows).map(|row| matrix[row * columns + column]));
        }
    }
    transposed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transpose_swaps_the_axes_of_each_matrix() {
        let two = [1., 2., 3., 4., 5., 6., 10., 20., 30., 40., 50., 60.];
        let swapped = transpose(&two, 2, 3);
        assert_eq!(swapped, [1., 4., 2., 5., 3., 6., 10., 40., 20., 50., 30., 60.]);
    }

    #[test]
    fn add_product_adds_a_vector_times_a_matrix() {
        let mut sum = [1.0, 1.0];
        add_product(&mut sum, &[2.0, 3.0], &[1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(sum, [303.0, 3021.0]);
    }
}
