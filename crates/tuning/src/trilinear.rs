//! The products as what they are in mathematics: the three derivatives of one trilinear form,
//! `T(x, w, y) = Σ x[n, p·s + ky - top, q·t + kx - left, i] · w[ky, kx, i, o] · y[n, p, q, o]`.
//!
//! A dense layer is the form of a 1x1 window on images of one pixel. So one way to compute a single
//! output, and one projection of all of them, serve the six ops.

use graph::{Op, Shape, Window};

/// Which of the form's three tensors an op computes from the two others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unknown {
    /// y [N, P, Q, O] of x and w: dense, conv2d.
    Small,
    /// x [N, H, W, I] of y and w: dense_grad_input, conv_transpose2d.
    Large,
    /// w [kh, kw, I, O] of x and y: dense_grad_weight, conv2d_grad_weight.
    Weight,
}

/// A place of the large image, one of the small image, and the tap that joins them, on one axis.
#[derive(Clone, Copy, Debug)]
struct Meeting {
    large: usize,
    small: usize,
    tap: usize,
}

/// A product with its extents.
#[derive(Clone, Debug)]
pub(crate) struct Trilinear {
    unknown: Unknown,
    images: usize,
    /// H and W.
    large: [usize; 2],
    /// P and Q.
    small: [usize; 2],
    /// kh and kw.
    kernel: [usize; 2],
    /// I and O.
    channels: [usize; 2],
    rows: Vec<Meeting>,
    columns: Vec<Meeting>,
}

/// An output from its formula.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Output {
    /// The sum.
    pub(crate) value: f64,
    /// The sum of the terms' absolute values.
    pub(crate) magnitude: f64,
    /// How many terms it has.
    pub(crate) terms: usize,
}

impl Trilinear {
    /// The form of an op on operands of these shapes; `None` for an op that is no product.
    pub(crate) fn of(op: &Op, operands: [&Shape; 2], result: &Shape) -> Option<Self> {
        let dense = Window::square(1, 1, 0);
        let (unknown, window) = match op {
            Op::Dense => (Unknown::Small, &dense),
            Op::DenseGradInput => (Unknown::Large, &dense),
            Op::DenseGradWeight => (Unknown::Weight, &dense),
            Op::Conv2d { window } => (Unknown::Small, window),
            Op::ConvTranspose2d { window, .. } => (Unknown::Large, window),
            Op::Conv2dGradWeight { window } => (Unknown::Weight, window),
            _ => return None,
        };
        let [first, second] = operands;
        let (x, y) = match unknown {
            Unknown::Small => (first, result),
            Unknown::Large => (result, first),
            Unknown::Weight => (first, second),
        };
        let ([images, height, width, i], [_, p, q, o]) = (image(x)?, image(y)?);
        let (large, small) = ([height, width], [p, q]);
        let before = [window.padding.top, window.padding.left];
        let axis = |axis: usize| {
            let (kernel, stride) = (window.kernel[axis], window.stride[axis]);
            meetings(kernel, stride, before[axis], large[axis], small[axis])
        };
        let (rows, columns) = (axis(0), axis(1));
        let (kernel, channels) = (window.kernel, [i, o]);
        Some(Self { unknown, images, large, small, kernel, channels, rows, columns })
    }

    /// Multiplications and additions, without those on padding.
    pub(crate) fn flop(&self) -> u64 {
        let [i, o] = self.channels;
        let joined = self.rows.len() * self.columns.len();
        2 * self.images as u64 * joined as u64 * (i * o) as u64
    }

    /// The most terms that an output can have.
    pub(crate) fn most_terms(&self) -> usize {
        let ([i, o], taps) = (self.channels, self.kernel[0] * self.kernel[1]);
        match self.unknown {
            Unknown::Small => taps * i,
            Unknown::Large => taps * o,
            Unknown::Weight => self.images * self.small[0] * self.small[1],
        }
    }

    /// One output, by its index in memory order, of the op's two operands.
    pub(crate) fn output(&self, index: usize, a: &[f32], b: &[f32]) -> Output {
        let mut output = Output::default();
        let mut add = |a: f32, b: f32| {
            let term = f64::from(a) * f64::from(b);
            output.value += term;
            output.magnitude += term.abs();
            output.terms += 1;
        };
        let [i_all, o_all] = self.channels;
        match self.unknown {
            Unknown::Small => {
                let (pixel, o) = (index / o_all, index % o_all);
                let [n, p, q] = split(pixel, self.small);
                for (row, column) in self.joined(|row| row.small == p, |column| column.small == q) {
                    let x = self.large_pixel(n, row, column) * i_all;
                    let w = self.tap(row, column) * i_all;
                    (0..i_all).for_each(|i| add(a[x + i], b[(w + i) * o_all + o]));
                }
            }
            Unknown::Large => {
                let (pixel, i) = (index / i_all, index % i_all);
                let [n, h, v] = split(pixel, self.large);
                for (row, column) in self.joined(|row| row.large == h, |column| column.large == v) {
                    let y = self.small_pixel(n, row, column) * o_all;
                    let w = (self.tap(row, column) * i_all + i) * o_all;
                    (0..o_all).for_each(|o| add(a[y + o], b[w + o]));
                }
            }
            Unknown::Weight => {
                let (rest, o) = (index / o_all, index % o_all);
                let (tap, i) = (rest / i_all, rest % i_all);
                let (ky, kx) = (tap / self.kernel[1], tap % self.kernel[1]);
                for n in 0..self.images {
                    for (row, column) in self.joined(|row| row.tap == ky, |column| column.tap == kx)
                    {
                        let x = self.large_pixel(n, row, column) * i_all + i;
                        let y = self.small_pixel(n, row, column) * o_all + o;
                        add(a[x], b[y]);
                    }
                }
            }
        }
        output
    }

    /// `Σ result[m, c] · rows[m] · columns[c]` over the whole result, `columns` along its last
    /// axis, of whole numbers and modulo 2⁶⁴, for an `O`th or `I`th of the product's work: the
    /// operand that has the last axis is projected first.
    pub(crate) fn projection(&self, a: &[f32], b: &[f32], rows: &[u64], columns: &[u64]) -> u64 {
        let [i_all, o_all] = self.channels;
        let a: Vec<u64> = a.iter().map(|&value| whole(value)).collect();
        let b: Vec<u64> = b.iter().map(|&value| whole(value)).collect();
        // For each pixel of each image and each tap: the part of the sum that they add.
        let part: Box<dyn Fn(usize, usize, usize) -> u64> = match self.unknown {
            Unknown::Small => {
                let w: Vec<u64> = b.chunks_exact(o_all).map(|w| dot(w, columns)).collect();
                Box::new(move |large, small, tap| {
                    rows[small].wrapping_mul(dot(vector(&a, large, i_all), vector(&w, tap, i_all)))
                })
            }
            Unknown::Large => {
                let w: Vec<u64> = project_middle(&b, columns, o_all);
                Box::new(move |large, small, tap| {
                    rows[large].wrapping_mul(dot(vector(&a, small, o_all), vector(&w, tap, o_all)))
                })
            }
            Unknown::Weight => {
                let y: Vec<u64> = b.chunks_exact(o_all).map(|y| dot(y, columns)).collect();
                Box::new(move |large, small, tap| {
                    y[small].wrapping_mul(dot(vector(&a, large, i_all), vector(rows, tap, i_all)))
                })
            }
        };
        let mut sum = 0u64;
        for n in 0..self.images {
            for (row, column) in self.joined(|_| true, |_| true) {
                let large = self.large_pixel(n, row, column);
                let small = self.small_pixel(n, row, column);
                sum = sum.wrapping_add(part(large, small, self.tap(row, column)));
            }
        }
        sum
    }

    fn joined<'a>(
        &'a self,
        of_row: impl Fn(&Meeting) -> bool + 'a,
        of_column: impl Fn(&Meeting) -> bool + Copy + 'a,
    ) -> impl Iterator<Item = (&'a Meeting, &'a Meeting)> {
        let rows = self.rows.iter().filter(move |&row| of_row(row));
        rows.flat_map(move |row| {
            let columns = self.columns.iter().filter(move |&column| of_column(column));
            columns.map(move |column| (row, column))
        })
    }

    fn large_pixel(&self, n: usize, row: &Meeting, column: &Meeting) -> usize {
        (n * self.large[0] + row.large) * self.large[1] + column.large
    }

    fn small_pixel(&self, n: usize, row: &Meeting, column: &Meeting) -> usize {
        (n * self.small[0] + row.small) * self.small[1] + column.small
    }

    fn tap(&self, row: &Meeting, column: &Meeting) -> usize {
        row.tap * self.kernel[1] + column.tap
    }
}

/// A whole number, negative ones as their complement.
pub(crate) fn whole(value: f32) -> u64 {
    value as i64 as u64
}

/// `Σ a[k] · b[k]` modulo 2⁶⁴.
fn dot(a: &[u64], b: &[u64]) -> u64 {
    a.iter().zip(b).fold(0, |sum: u64, (a, b)| sum.wrapping_add(a.wrapping_mul(*b)))
}

/// The vector at this place of many of a length.
fn vector(all: &[u64], place: usize, length: usize) -> &[u64] {
    &all[place * length..(place + 1) * length]
}

/// Of w [taps, I, O] and s \[I\]: `Σ over i of w[t, i, o] · s[i]`, [taps, O].
fn project_middle(w: &[u64], s: &[u64], o_all: usize) -> Vec<u64> {
    let mut sums = Vec::with_capacity(w.len() / s.len());
    for of_tap in w.chunks_exact(s.len() * o_all) {
        let mut sum = vec![0u64; o_all];
        for (row, &s) in of_tap.chunks_exact(o_all).zip(s) {
            for (sum, w) in sum.iter_mut().zip(row) {
                *sum = sum.wrapping_add(w.wrapping_mul(s));
            }
        }
        sums.extend(sum);
    }
    sums
}

/// [N, H, W, C]; a matrix [N, C] as images of one pixel.
fn image(shape: &Shape) -> Option<[usize; 4]> {
    match *shape.dims() {
        [n, c] => Some([n, 1, 1, c]),
        [n, h, w, c] => Some([n, h, w, c]),
        _ => None,
    }
}

/// Every tap on the large image, on one axis.
fn meetings(
    kernel: usize,
    stride: usize,
    before: usize,
    large: usize,
    small: usize,
) -> Vec<Meeting> {
    let mut found = Vec::new();
    for place in 0..small {
        for tap in 0..kernel {
            let reached = (place * stride + tap).checked_sub(before);
            if let Some(reached) = reached.filter(|&reached| reached < large) {
                found.push(Meeting { large: reached, small: place, tap });
            }
        }
    }
    found
}

/// An index of [.., H, W] as its three coordinates.
fn split(pixel: usize, [height, width]: [usize; 2]) -> [usize; 3] {
    [pixel / width / height, pixel / width % height, pixel % width]
}

#[cfg(test)]
mod tests;
