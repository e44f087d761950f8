//! Geometries of convolutions.

use crate::OpCase;
use graph::{Op, Padding, Window};

/// A window between a large image `[n, h, w, i]` and a small one of `o` channels.
#[derive(Clone, Copy, Debug)]
pub struct WindowCase {
    /// Images.
    pub n: usize,
    /// Height and width of the large image.
    pub large: [usize; 2],
    /// Channels of the large image.
    pub i: usize,
    /// Channels of the small image.
    pub o: usize,
    /// The window.
    pub window: Window,
}

impl WindowCase {
    fn new(n: usize, large: [usize; 2], [i, o]: [usize; 2], window: Window) -> Self {
        Self { n, large, i, o, window }
    }

    /// The large image's extents.
    pub fn x(&self) -> [usize; 4] {
        [self.n, self.large[0], self.large[1], self.i]
    }

    /// The weights' extents.
    pub fn w(&self) -> [usize; 4] {
        [self.window.kernel[0], self.window.kernel[1], self.i, self.o]
    }

    /// The small image's extents.
    ///
    /// # Panics
    /// If the window does not fit the large image.
    pub fn y(&self) -> [usize; 4] {
        let [p, q] = self.window.small_size(self.large).expect("a window that fits");
        [self.n, p, q, self.o]
    }

    /// The output padding with which a transposed convolution yields the large image.
    pub fn output_padding(&self) -> [usize; 2] {
        self.window.output_padding(self.large)
    }

    /// The small image from the large one.
    pub fn conv2d(self) -> OpCase {
        OpCase::new(Op::Conv2d { window: self.window }, &[&self.x(), &self.w()])
    }

    /// The large image from the small one.
    pub fn conv_transpose2d(self) -> OpCase {
        let op = Op::ConvTranspose2d { window: self.window, output_padding: self.output_padding() };
        OpCase::new(op, &[&self.y(), &self.w()])
    }

    /// The weights from both images.
    pub fn conv2d_grad_weight(self) -> OpCase {
        OpCase::new(Op::Conv2dGradWeight { window: self.window }, &[&self.x(), &self.y()])
    }
}

/// Images of so few channels that a weight gradient takes its taps as rows: of more than 16 and more
/// than 32 taps and channels, paddings and strides unequal.
pub(crate) fn few_channels() -> Vec<WindowCase> {
    let padding = Padding { top: 2, bottom: 1, left: 1, right: 0 };
    let uneven = Window { kernel: [4, 3], stride: [2, 1], padding };
    vec![
        WindowCase::new(3, [5, 7], [1, 16], Window::square(5, 2, 2)),
        WindowCase::new(3, [6, 5], [3, 36], uneven),
        WindowCase::new(2, [4, 6], [5, 6], Window::square(3, 1, 1)),
    ]
}

/// Every kernel size, stride, padding and output padding once or more, height and width unequal.
pub(crate) fn geometries() -> Vec<WindowCase> {
    let square = Window::square;
    let new = WindowCase::new;
    let mut cases = vec![
        new(1, [1, 1], [1, 1], square(1, 1, 0)),
        new(3, [5, 7], [3, 5], square(1, 1, 0)),
        new(3, [6, 5], [5, 3], square(1, 2, 0)),
        new(3, [7, 4], [3, 5], square(3, 1, 1)),
        new(17, [6, 9], [5, 3], square(3, 2, 1)),
        new(3, [11, 8], [4, 4], square(3, 3, 2)),
        new(3, [4, 9], [3, 64], square(4, 1, 0)),
        new(3, [8, 6], [64, 3], square(4, 2, 1)),
        new(3, [9, 8], [4, 5], square(4, 3, 1)),
        new(3, [7, 6], [5, 4], square(5, 1, 2)),
        new(17, [9, 6], [1, 8], square(5, 2, 2)),
        new(3, [8, 9], [8, 1], square(5, 2, 2)),
        new(1, [10, 13], [3, 3], square(5, 3, 1)),
        new(3, [9, 8], [3, 4], square(7, 1, 0)),
        new(1, [8, 11], [2, 7], square(7, 2, 2)),
    ];
    let sides = Padding { top: 1, bottom: 0, left: 2, right: 1 };
    for (kernel, stride) in [([1, 3], [1, 2]), ([5, 2], [2, 1]), ([3, 7], [3, 2]), ([4, 1], [2, 3])]
    {
        let window = Window { kernel, stride, padding: sides };
        cases.push(new(3, [9, 8], [3, 5], window));
        cases.push(new(2, [8, 9], [8, 20], window));
    }
    // A padding as large as the kernel: some pixels have no tap at all.
    let outside = Window { padding: Padding::uniform(2), ..square(2, 1, 0) };
    cases.push(new(3, [3, 4], [5, 3], outside));
    // A stride beyond the kernel: some pixels of the large image have no tap.
    cases.push(new(3, [7, 8], [3, 16], square(1, 3, 0)));
    cases
}

/// A few, of at most three images: channels each as quads, odd and single, below and above the
/// twelve columns from which subgroups share rows, as those of either image may be the columns of
/// an op.
pub(crate) fn small() -> Vec<WindowCase> {
    let square = Window::square;
    let new = WindowCase::new;
    let sides = Padding { top: 1, bottom: 0, left: 2, right: 1 };
    let uneven = Window { kernel: [3, 4], stride: [3, 2], padding: sides };
    vec![
        new(1, [1, 1], [1, 1], square(1, 1, 0)),
        new(3, [9, 8], [3, 5], uneven),
        new(2, [5, 7], [13, 17], square(3, 2, 1)),
        new(3, [8, 6], [16, 20], square(4, 2, 1)),
        new(1, [5, 6], [13, 16], square(5, 1, 2)),
        new(3, [7, 8], [16, 13], square(5, 2, 2)),
        new(3, [11, 8], [1, 5], square(3, 3, 2)),
        new(2, [6, 9], [1, 8], Window { kernel: [1, 3], stride: [2, 1], padding: sides }),
        new(3, [4, 5], [5, 1], square(4, 1, 0)),
        new(3, [5, 4], [8, 1], square(1, 2, 0)),
    ]
}

/// A large image of one channel and a stride of two, whose four phases can be columns: kernels of odd
/// and of even size.
pub(crate) fn few_phases() -> Vec<WindowCase> {
    let sides = Padding { top: 1, bottom: 0, left: 2, right: 1 };
    let window = Window { kernel: [5, 4], stride: [2, 2], padding: sides };
    vec![
        WindowCase::new(3, [7, 6], [1, 8], window),
        WindowCase::new(2, [6, 9], [1, 5], Window::square(3, 2, 0)),
    ]
}

/// The same of kernels that reach each phase or not, and of more images than one tile has.
pub(crate) fn phases() -> Vec<WindowCase> {
    let of = |(kernel, padding)| {
        let window = Window::square(kernel, 2, padding);
        [WindowCase::new(9, [8, 9], [1, 4], window), WindowCase::new(1, [9, 8], [1, 3], window)]
    };
    [(1, 0), (2, 0), (2, 2), (3, 1), (4, 1), (6, 3), (7, 3)].into_iter().flat_map(of).collect()
}

/// Channels of a second block of columns: beyond 32 where subgroups share rows, and of a second tile
/// of rows of the weights, beyond 16; beyond 256 where not; beyond 64 where workgroups share tiles,
/// those over several taps.
pub(crate) fn wide() -> Vec<WindowCase> {
    let window = Window::square(1, 1, 0);
    let channels = [[20, 36], [36, 20], [5, 260], [260, 5]];
    let mut cases = channels.map(|channels| WindowCase::new(2, [1, 3], channels, window)).to_vec();
    cases.push(WindowCase::new(3, [4, 5], [68, 72], Window::square(3, 2, 1)));
    cases
}

/// Weights so few and places so many that their sum is split by images, and by places: weights of
/// odd numbers and of quads.
pub(crate) fn split_sums() -> Vec<WindowCase> {
    let window = Window::square(1, 1, 0);
    vec![
        WindowCase::new(3, [92, 91], [3, 5], window),
        WindowCase::new(1, [151, 150], [4, 5], window),
    ]
}

/// Images and channels around the tiles of 8, 16 and 32.
pub(crate) fn tile_edges() -> Vec<WindowCase> {
    let mut cases = Vec::new();
    let window =
        Window { padding: Padding { top: 1, ..Padding::default() }, ..Window::square(2, 1, 0) };
    for extent in [1, 2, 3, 7, 8, 9, 15, 16, 17, 19, 31, 32, 33, 35, 64, 67] {
        cases.push(WindowCase::new(extent, [2, 3], [3, 5], window));
        cases.push(WindowCase::new(extent, [2, 3], [8, 16], window));
        cases.push(WindowCase::new(2, [2, 3], [extent, 5], window));
        cases.push(WindowCase::new(2, [2, 3], [4, extent], window));
        cases.push(WindowCase::new(2, [2, 3], [extent, extent], window));
    }
    cases
}

/// Every convolution of `dcgan28` with widths divided by `divisor`, both networks.
pub(crate) fn dcgan28_layers(n: usize, divisor: usize) -> Vec<WindowCase> {
    let of = |channels: usize| channels / divisor;
    let new = WindowCase::new;
    vec![
        new(n, [7, 7], [of(128), of(256)], Window::square(5, 1, 2)),
        new(n, [14, 14], [of(64), of(128)], Window::square(5, 2, 2)),
        new(n, [28, 28], [1, of(64)], Window::square(5, 2, 2)),
    ]
}

/// Every convolution of `dcgan64`, both networks.
pub(crate) fn dcgan64_layers(n: usize) -> Vec<WindowCase> {
    let inner = Window::square(4, 2, 1);
    let outer = Window::square(4, 1, 0);
    let new = WindowCase::new;
    vec![
        new(n, [4, 4], [512, 100], outer),
        new(n, [8, 8], [256, 512], inner),
        new(n, [16, 16], [128, 256], inner),
        new(n, [32, 32], [64, 128], inner),
        new(n, [64, 64], [3, 64], inner),
        new(n, [4, 4], [512, 1], outer),
    ]
}

/// Pixels for which a 1x1 product needs more than 65,535 workgroups: in the form that gives each
/// workgroup one pixel, and in the one that gives it 64, where there are few channels.
pub(crate) fn many_pixels() -> Vec<WindowCase> {
    let window = Window::square(1, 1, 0);
    vec![
        WindowCase::new(1, [257, 256], [16, 16], window),
        WindowCase::new(1, [2049, 2048], [1, 1], window),
    ]
}

/// Taps for which a weight product needs more than 65,535 workgroups, in both forms: kernels as
/// large as the image.
pub(crate) fn many_taps() -> Vec<WindowCase> {
    let kernel_of = |large: [usize; 2]| Window { kernel: large, ..Window::square(1, 1, 0) };
    let [few, many] = [[257, 256], [2049, 2048]];
    vec![
        WindowCase::new(1, few, [13, 13], kernel_of(few)),
        WindowCase::new(1, many, [1, 1], kernel_of(many)),
    ]
}
