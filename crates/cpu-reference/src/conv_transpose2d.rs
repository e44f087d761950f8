//! conv_transpose2d: x[n, h, v, i] = Σ over ky, kx, o of y[n, (h + top - ky) / s,
//! (v + left - kx) / t, o] · w[ky, kx, i, o], ascending, over the taps for which both quotients
//! are whole and inside y. y [N, P, Q, O], w [kh, kw, I, O], x [N, H, W, I].

use crate::{
    Real,
    rows::{add_product, transpose},
    window::Geometry,
};

pub(crate) fn conv_transpose2d<T: Real>(y: &[T], w: &[T], geometry: &Geometry) -> Vec<T> {
    // [kh, kw, O, I], so that the innermost loop runs along the output's channels.
    let w = transpose(w, geometry.large_channels, geometry.small_channels);
    let mut x = vec![T::zero(); geometry.large_elements()];
    for n in 0..geometry.batch {
        for row in 0..geometry.rows.large {
            for column in 0..geometry.columns.large {
                let x = &mut x[geometry.large_pixel(n, row, column)];
                for (ky, p) in geometry.rows.taps_of_large(row) {
                    for (kx, q) in geometry.columns.taps_of_large(column) {
                        let y = &y[geometry.small_pixel(n, p, q)];
                        add_product(x, y, &w[geometry.tap(ky, kx)]);
                    }
                }
            }
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::Window;

    #[test]
    fn one_pixel_becomes_the_kernel() {
        let window = Window::square(2, 2, 0);
        let geometry = Geometry::new(&window, &[1, 3, 5, 1], &[1, 1, 2, 1]);
        let x = conv_transpose2d(&[1., 10.], &[1., 2., 3., 4.], &geometry);
        // The last row and column are output padding.
        assert_eq!(x, [1., 2., 10., 20., 0., 3., 4., 30., 40., 0., 0., 0., 0., 0., 0.]);
    }

    #[test]
    fn padding_crops() {
        let window = Window::square(3, 1, 1);
        let geometry = Geometry::new(&window, &[1, 1, 2, 1], &[1, 1, 2, 1]);
        let w = [0., 0., 0., 1., 2., 3., 0., 0., 0.];
        assert_eq!(conv_transpose2d(&[1., 10.], &w, &geometry), [12., 23.]);
    }
}
