//! conv2d: y[n, p, q, o] = Σ over ky, kx, i of x[n, p·s + ky - top, q·t + kx - left, i] ·
//! w[ky, kx, i, o], ascending, x being 0 outside. x [N, H, W, I], w [kh, kw, I, O],
//! y [N, P, Q, O].

use crate::{Real, rows::add_product, window::Geometry};

pub(crate) fn conv2d<T: Real>(x: &[T], w: &[T], geometry: &Geometry) -> Vec<T> {
    let mut y = vec![T::zero(); geometry.small_elements()];
    for n in 0..geometry.batch {
        for p in 0..geometry.rows.small {
            for q in 0..geometry.columns.small {
                let y = &mut y[geometry.small_pixel(n, p, q)];
                for (ky, row) in geometry.rows.taps_of_small(p) {
                    for (kx, column) in geometry.columns.taps_of_small(q) {
                        let x = &x[geometry.large_pixel(n, row, column)];
                        add_product(y, x, &w[geometry.tap(ky, kx)]);
                    }
                }
            }
        }
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::{Padding, Window};

    #[test]
    fn a_3x2_kernel_with_padding_above_by_hand() {
        let padding = Padding { top: 1, ..Padding::default() };
        let window = Window { kernel: [3, 2], stride: [1, 2], padding };
        let geometry = Geometry::new(&window, &[1, 2, 4, 1], &[1, 1, 2, 1]);
        let x = [1., 2., 3., 4., 5., 6., 7., 8.];
        let w = [100., 100., 1., 10., 2., 20.];
        // The kernel's first row falls on the padding.
        assert_eq!(conv2d(&x, &w, &geometry), [151., 217.]);
    }
}
