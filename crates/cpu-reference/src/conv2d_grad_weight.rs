//! conv2d_grad_weight: w[ky, kx, i, o] = Σ over n, p, q of x[n, p·s + ky - top, q·t + kx - left, i]
//! · y[n, p, q, o], ascending, x being 0 outside. x [N, H, W, I], y [N, P, Q, O],
//! w [kh, kw, I, O].

use crate::{Real, rows::add_scaled, window::Geometry};

pub(crate) fn conv2d_grad_weight<T: Real>(x: &[T], y: &[T], geometry: &Geometry) -> Vec<T> {
    let mut w = vec![T::zero(); geometry.weight_elements()];
    for ky in 0..geometry.rows.kernel {
        for kx in 0..geometry.columns.kernel {
            // One tap at a time, as its matrix [I, O] stays in the cache.
            let w = &mut w[geometry.tap(ky, kx)];
            for n in 0..geometry.batch {
                for (p, row) in geometry.rows.places_of_tap(ky) {
                    for (q, column) in geometry.columns.places_of_tap(kx) {
                        let x = &x[geometry.large_pixel(n, row, column)];
                        let y = &y[geometry.small_pixel(n, p, q)];
                        for (w, &x) in w.chunks_exact_mut(y.len()).zip(x) {
                            add_scaled(w, x, y);
                        }
                    }
                }
            }
        }
    }
    w
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::Window;

    #[test]
    fn each_tap_correlates_the_two_images() {
        let window = Window::square(2, 1, 0);
        let geometry = Geometry::new(&window, &[1, 2, 3, 1], &[1, 1, 2, 1]);
        let w = conv2d_grad_weight(&[1., 2., 3., 4., 5., 6.], &[1., 10.], &geometry);
        assert_eq!(w, [21., 32., 54., 65.]);
    }
}
