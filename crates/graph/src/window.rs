//! The geometry that conv2d, conv_transpose2d and conv2d_grad_weight share.

use std::fmt;

/// Rows and columns of zeros assumed around an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Padding {
    /// Rows above.
    pub top: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the left.
    pub left: usize,
    /// Columns to the right.
    pub right: usize,
}

impl Padding {
    /// The same padding on all four sides.
    pub fn uniform(size: usize) -> Self {
        Self { top: size, bottom: size, left: size, right: size }
    }
}

/// How a kernel slides over the larger of two images.
///
/// One window links three tensors: the large image `x [N, H, W, I]`, the small image
/// `y [N, P, Q, O]` and the weights `w [kh, kw, I, O]`, through
/// `T(x, w, y) = sum of x[n, p·s + ky - top, q·t + kx - left, i] · w[ky, kx, i, o] · y[n, p, q, o]`.
/// conv2d is ∂T/∂y, conv_transpose2d is ∂T/∂x and conv2d_grad_weight is ∂T/∂w, so each is made of
/// the other two when differentiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Kernel height and width.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Zeros around the large image.
    pub padding: Padding,
}

impl Window {
    /// A square window with the same stride and padding on both axes and all sides.
    pub fn square(kernel: usize, stride: usize, padding: usize) -> Self {
        Self { kernel: [kernel; 2], stride: [stride; 2], padding: Padding::uniform(padding) }
    }

    /// Height and width of the small image, or `None` where the padded large image is smaller
    /// than the kernel: `(H + top + bottom - kh) / s + 1`.
    pub fn small_size(&self, large: [usize; 2]) -> Option<[usize; 2]> {
        let mut small = [0; 2];
        for (axis, padding) in self.axis_padding().into_iter().enumerate() {
            let free = (large[axis] + padding).checked_sub(self.kernel[axis])?;
            small[axis] = free / self.stride[axis] + 1;
        }
        Some(small)
    }

    /// Height and width of the large image, or `None` where padding exceeds it:
    /// `(P - 1)·s - top - bottom + kh + output_padding`.
    pub fn large_size(&self, small: [usize; 2], output_padding: [usize; 2]) -> Option<[usize; 2]> {
        let mut large = [0; 2];
        for (axis, padding) in self.axis_padding().into_iter().enumerate() {
            let spanned = small[axis].checked_sub(1)? * self.stride[axis] + self.kernel[axis];
            large[axis] = (spanned + output_padding[axis]).checked_sub(padding)?;
        }
        Some(large)
    }

    /// The rows and columns of the large image that no kernel position reaches: the output padding
    /// with which [`Window::large_size`] inverts [`Window::small_size`].
    pub fn output_padding(&self, large: [usize; 2]) -> [usize; 2] {
        let padding = self.axis_padding();
        std::array::from_fn(|axis| {
            (large[axis] + padding[axis]).saturating_sub(self.kernel[axis]) % self.stride[axis]
        })
    }

    fn axis_padding(&self) -> [usize; 2] {
        let Padding { top, bottom, left, right } = self.padding;
        [top + bottom, left + right]
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([kh, kw], [sh, sw]) = (self.kernel, self.stride);
        let Padding { top, bottom, left, right } = self.padding;
        write!(f, "kernel {kh}x{kw}, stride {sh}x{sw}, padding {top},{bottom},{left},{right}")
    }
}
