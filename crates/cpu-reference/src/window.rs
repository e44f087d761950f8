//! Which taps of a [`Window`] fall on the image: the index arithmetic of the three convolutions.

use graph::Window;
use std::ops::Range;

/// The sizes that a window links: x [N, H, W, I], y [N, P, Q, O], w [kh, kw, I, O].
pub(crate) struct Geometry {
    pub(crate) batch: usize,
    pub(crate) rows: Axis,
    pub(crate) columns: Axis,
    pub(crate) large_channels: usize,
    pub(crate) small_channels: usize,
}

impl Geometry {
    /// From the extents of the large image [N, H, W, I] and the small one [N, P, Q, O].
    ///
    /// # Panics
    /// If either has not four axes.
    pub(crate) fn new(window: &Window, large: &[usize], small: &[usize]) -> Self {
        let (&[batch, h, w, large_channels], &[_, p, q, small_channels]) = (large, small) else {
            panic!("images have four axes, not {large:?} and {small:?}")
        };
        let [kernel_rows, kernel_columns] = window.kernel;
        let [stride_rows, stride_columns] = window.stride;
        let (top, left) = (window.padding.top, window.padding.left);
        Self {
            batch,
            rows: Axis {
                kernel: kernel_rows,
                stride: stride_rows,
                before: top,
                large: h,
                small: p,
            },
            columns: Axis {
                kernel: kernel_columns,
                stride: stride_columns,
                before: left,
                large: w,
                small: q,
            },
            large_channels,
            small_channels,
        }
    }

    /// Elements of x.
    pub(crate) fn large_elements(&self) -> usize {
        self.batch * self.rows.large * self.columns.large * self.large_channels
    }

    /// Elements of y.
    pub(crate) fn small_elements(&self) -> usize {
        self.batch * self.rows.small * self.columns.small * self.small_channels
    }

    /// Elements of w.
    pub(crate) fn weight_elements(&self) -> usize {
        self.rows.kernel * self.columns.kernel * self.large_channels * self.small_channels
    }

    /// Where in x the channels of pixel (n, h, w) are.
    pub(crate) fn large_pixel(&self, n: usize, h: usize, w: usize) -> Range<usize> {
        let start = ((n * self.rows.large + h) * self.columns.large + w) * self.large_channels;
        start..start + self.large_channels
    }

    /// Where in y the channels of pixel (n, p, q) are.
    pub(crate) fn small_pixel(&self, n: usize, p: usize, q: usize) -> Range<usize> {
        let start = ((n * self.rows.small + p) * self.columns.small + q) * self.small_channels;
        start..start + self.small_channels
    }

    /// Where in w the matrix [I, O] of tap (ky, kx) is.
    pub(crate) fn tap(&self, ky: usize, kx: usize) -> Range<usize> {
        let matrix = self.large_channels * self.small_channels;
        let start = (ky * self.columns.kernel + kx) * matrix;
        start..start + matrix
    }
}

/// One axis: small position p and tap k meet large position p · stride + k - before.
pub(crate) struct Axis {
    pub(crate) kernel: usize,
    stride: usize,
    before: usize,
    pub(crate) large: usize,
    pub(crate) small: usize,
}

impl Axis {
    /// The taps of a small position that fall on the large image, ascending, with the large
    /// position of each.
    pub(crate) fn taps_of_small(&self, p: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let start = p * self.stride;
        let before = self.before;
        let first = before.saturating_sub(start);
        let end = self.kernel.min((self.large + before).saturating_sub(start));
        (first..end).map(move |k| (k, start + k - before))
    }

    /// The taps through which a large position is reached, ascending, with the small position of
    /// each.
    pub(crate) fn taps_of_large(&self, h: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (reach, stride, small) = (h + self.before, self.stride, self.small);
        (reach % stride..self.kernel.min(reach + 1))
            .step_by(stride)
            .map(move |k| (k, (reach - k) / stride))
            .filter(move |&(_, p)| p < small)
    }

    /// The small positions that tap k joins to a large position, ascending, with that position.
    pub(crate) fn places_of_tap(&self, k: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (stride, before, large) = (self.stride, self.before, self.large);
        (0..self.small).filter_map(move |p| {
            let h = (p * stride + k).checked_sub(before)?;
            (h < large).then_some((p, h))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_views_of_an_axis_list_the_same_triples() {
        for (kernel, stride, before, after, large) in
            [(1, 1, 0, 0, 1), (3, 2, 1, 0, 5), (5, 2, 2, 2, 7), (4, 3, 0, 3, 6), (7, 1, 6, 6, 2)]
        {
            let small = (large + before + after - kernel) / stride + 1;
            let axis = Axis { kernel, stride, before, large, small };
            let mut expected = Vec::new();
            for p in 0..small {
                for k in 0..kernel {
                    let h = (p * stride + k) as isize - before as isize;
                    if (0..large as isize).contains(&h) {
                        expected.push((p, k, h as usize));
                    }
                }
            }
            let of_small: Vec<_> = (0..small)
                .flat_map(|p| axis.taps_of_small(p).map(move |(k, h)| (p, k, h)))
                .collect();
            assert_eq!(of_small, expected);
            let mut of_large: Vec<_> = (0..large)
                .flat_map(|h| axis.taps_of_large(h).map(move |(k, p)| (p, k, h)))
                .collect();
            of_large.sort_unstable();
            assert_eq!(of_large, expected);
            let mut of_tap: Vec<_> = (0..kernel)
                .flat_map(|k| axis.places_of_tap(k).map(move |(p, h)| (p, k, h)))
                .collect();
            of_tap.sort_unstable();
            assert_eq!(of_tap, expected);
        }
    }
}
