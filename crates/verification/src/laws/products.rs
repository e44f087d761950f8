//! Laws of the convolutions and of the dense ops.

use super::trial::{Done, Job, Trial, equal, same_bits};
use crate::{Family, OpCase, proof::fill};
use cpu_reference::Values;
use graph::{Op, Padding, TensorType, Window};

/// A window on images: n, height and width of the large one, channels of both.
struct Images {
    n: usize,
    large: [usize; 2],
    channels: [usize; 2],
    window: Window,
}

/// Single elements alone, and quads with enough columns for either core; nothing is square.
fn images() -> [Images; 2] {
    let padding = Padding { top: 1, bottom: 0, left: 2, right: 1 };
    let odd = Window { kernel: [2, 3], stride: [2, 1], padding };
    let even = Window { kernel: [3, 4], stride: [1, 2], padding: Padding { top: 0, ..padding } };
    [
        Images { n: 3, large: [6, 5], channels: [3, 5], window: odd },
        Images { n: 2, large: [4, 7], channels: [16, 20], window: even },
    ]
}

impl Images {
    fn x(&self) -> [usize; 4] {
        [self.n, self.large[0], self.large[1], self.channels[0]]
    }

    fn y(&self) -> [usize; 4] {
        let [p, q] = self.window.small_size(self.large).expect("the kernels above fit");
        [self.n, p, q, self.channels[1]]
    }

    fn w(&self) -> [usize; 4] {
        let ([kh, kw], [i, o]) = (self.window.kernel, self.channels);
        [kh, kw, i, o]
    }

    fn conv2d(&self) -> OpCase {
        OpCase::new(Op::Conv2d { window: self.window }, &[&self.x(), &self.w()])
    }

    fn conv_transpose2d(&self) -> OpCase {
        let output_padding = self.window.output_padding(self.large);
        let op = Op::ConvTranspose2d { window: self.window, output_padding };
        OpCase::new(op, &[&self.y(), &self.w()])
    }

    fn conv2d_grad_weight(&self) -> OpCase {
        OpCase::new(Op::Conv2dGradWeight { window: self.window }, &[&self.x(), &self.y()])
    }
}

/// Rows, inputs and outputs of dense ops.
const DENSE: [[usize; 3]; 2] = [[3, 5, 7], [3, 16, 20]];

/// The dense ops and the convolutions.
pub(super) fn linear_cases() -> Vec<OpCase> {
    let images = images();
    let mut cases: Vec<OpCase> = images.iter().map(Images::conv2d).collect();
    cases.extend(images.iter().map(Images::conv_transpose2d));
    cases.extend(images.iter().map(Images::conv2d_grad_weight));
    for [n, i, o] in DENSE {
        cases.push(OpCase::new(Op::Dense, &[&[n, i], &[i, o]]));
        cases.push(OpCase::new(Op::DenseGradInput, &[&[n, o], &[i, o]]));
        cases.push(OpCase::new(Op::DenseGradWeight, &[&[n, i], &[n, o]]));
    }
    cases
}

pub(super) fn adjoint() -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut partials = |dims: [&[usize]; 3], cases: [OpCase; 3]| {
        let [x, w, y] = [0, 1, 2].map(|place| integers(dims[place], place));
        let [forward, backward, weights] = cases;
        let jobs = vec![
            Job::filled(forward, Family::Integers, vec![x.clone(), w.clone()]),
            Job::filled(backward, Family::Integers, vec![y.clone(), w]),
            Job::filled(weights, Family::Integers, vec![x, y]),
        ];
        trials.push(Trial { jobs, holds: three_products_agree });
    };
    for images in images() {
        let cases = [images.conv2d(), images.conv_transpose2d(), images.conv2d_grad_weight()];
        partials([&images.x(), &images.w(), &images.y()], cases);
    }
    for [n, i, o] in DENSE {
        let cases = [
            OpCase::new(Op::Dense, &[&[n, i], &[i, o]]),
            OpCase::new(Op::DenseGradInput, &[&[n, o], &[i, o]]),
            OpCase::new(Op::DenseGradWeight, &[&[n, i], &[n, o]]),
        ];
        partials([&[n, i], &[i, o], &[n, o]], cases);
    }
    // One fold, and two.
    for (outer, reduced, inner) in [(3, 5, 7), (1, 145, 4)] {
        let sum = OpCase::new(Op::Sum { axes: 1..2 }, &[&[outer, reduced, inner]]);
        let op = Op::Broadcast { axes: 1..2, sizes: vec![reduced] };
        let broadcast = OpCase::new(op, &[&[outer, 1, inner]]);
        let jobs = [sum, broadcast].map(|case| Job::filled(case, Family::Integers, Vec::new()));
        trials.push(Trial { jobs: jobs.into(), holds: two_products_agree });
    }
    trials
}

fn three_products_agree(done: &[Done]) -> Result<(), String> {
    let [forward, backward, weights] = done else { unreachable!("three jobs") };
    let products = [
        dot(&forward.numbers(0), backward.operands[0].real()),
        dot(&backward.numbers(0), forward.operands[0].real()),
        dot(&weights.numbers(0), forward.operands[1].real()),
    ];
    let [a, b, c] = products;
    let names = [forward, backward, weights].map(|done| done.case.op.name());
    all_equal(&products, || {
        let [forward, backward, weights] = names;
        format!("⟨{forward}(x, w), y⟩ {a}, ⟨x, {backward}(y, w)⟩ {b}, ⟨w, {weights}(x, y)⟩ {c}")
    })
}

fn two_products_agree(done: &[Done]) -> Result<(), String> {
    let [sum, broadcast] = done else { unreachable!("two jobs") };
    let left = dot(&sum.numbers(0), broadcast.operands[0].real());
    let right = dot(&broadcast.numbers(0), sum.operands[0].real());
    all_equal(&[left, right], || format!("⟨sum(x), y⟩ {left}, ⟨x, broadcast(y)⟩ {right}"))
}

/// Written so that a NaN fails.
fn all_equal(numbers: &[f64], found: impl Fn() -> String) -> Result<(), String> {
    if numbers.windows(2).all(|pair| (pair[0] - pair[1]).abs() <= 0.0) {
        return Ok(());
    }
    Err(format!("{}: one number is expected", found()))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "of one length");
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn integers(dims: &[usize], place: usize) -> Values<f64> {
    fill(Family::Integers, &TensorType::f32(dims), place)
}

pub(super) fn identity_kernel() -> Vec<Trial> {
    let [kernel, centre] = [[3, 5], [1, 3]];
    let padding = Padding {
        top: centre[0],
        bottom: kernel[0] - 1 - centre[0],
        left: centre[1],
        right: kernel[1] - 1 - centre[1],
    };
    let window = Window { kernel, stride: [1, 1], padding };
    let mut trials = Vec::new();
    for channels in [5, 16] {
        let taps = kernel[0] * kernel[1];
        let mut weights = vec![0.0; taps * channels * channels];
        let tap = centre[0] * kernel[1] + centre[1];
        for channel in 0..channels {
            weights[(tap * channels + channel) * channels + channel] = 1.0;
        }
        let [x, w] = [[3, 5, 4, channels], [kernel[0], kernel[1], channels, channels]];
        let transposed = Op::ConvTranspose2d { window, output_padding: [0; 2] };
        for op in [Op::Conv2d { window }, transposed] {
            let case = OpCase::new(op, &[&x, &w]);
            let image = fill(Family::Normal, &case.operands[0], 0);
            let given = vec![image, Values::Real(weights.clone())];
            let jobs = vec![Job::filled(case, Family::Normal, given)];
            trials.push(Trial { jobs, holds: nothing_changed });
        }
    }
    trials
}

fn nothing_changed(done: &[Done]) -> Result<(), String> {
    equal(&done[0].dims(), &done[0].numbers(0), done[0].operands[0].real())
}

pub(super) fn one_by_one_is_dense() -> Vec<Trial> {
    let window = Window::square(1, 1, 0);
    let trial = |[i, o]: [usize; 2]| {
        let [n, h, w] = [3, 2, 5];
        let conv2d = OpCase::new(Op::Conv2d { window }, &[&[n, h, w, i], &[1, 1, i, o]]);
        let dense = OpCase::new(Op::Dense, &[&[n * h * w, i], &[i, o]]);
        let jobs = [conv2d, dense].map(|case| Job::filled(case, Family::Normal, Vec::new()));
        Trial { jobs: jobs.into(), holds: both_have_the_same_bits }
    };
    [[7, 5], [20, 16], [5, 1], [16, 18]].map(trial).into()
}

fn both_have_the_same_bits(done: &[Done]) -> Result<(), String> {
    same_bits(&done[0].ty(), &done[0].outcome.targets[0], &done[1].outcome.targets[0])
}

/// Between the small image's rows and columns come stride - 1 of zeros, then the turned kernel
/// slides over it with what is left of its own padding: kernel - 1 - padding.
pub(super) fn zero_insertion() -> Vec<Trial> {
    images().iter().map(zero_insertion_of).collect()
}

fn zero_insertion_of(images: &Images) -> Trial {
    let Window { kernel: [kh, kw], stride, padding } = images.window;
    let output_padding = images.window.output_padding(images.large);
    let [n, p, q, o] = images.y();
    let i = images.channels[0];
    let transposed = images.conv_transpose2d();
    let [small, weights] = [integers(&images.y(), 0), integers(&images.w(), 1)];

    let wide = [(p - 1) * stride[0] + 1, (q - 1) * stride[1] + 1];
    let mut inserted = vec![0.0; n * wide[0] * wide[1] * o];
    for (place, &value) in small.real().iter().enumerate() {
        let [sample, row] = [place / o / q / p, place / o / q % p * stride[0]];
        let [column, channel] = [place / o % q * stride[1], place % o];
        inserted[((sample * wide[0] + row) * wide[1] + column) * o + channel] = value;
    }
    let mut turned = vec![0.0; kh * kw * o * i];
    for (place, &value) in weights.real().iter().enumerate() {
        let [ky, kx] = [place / o / i / kw, place / o / i % kw];
        let [from, to] = [place / o % i, place % o];
        turned[(((kh - 1 - ky) * kw + kw - 1 - kx) * o + to) * i + from] = value;
    }
    let padding = Padding {
        top: kh - 1 - padding.top,
        bottom: kh - 1 - padding.bottom + output_padding[0],
        left: kw - 1 - padding.left,
        right: kw - 1 - padding.right + output_padding[1],
    };
    let window = Window { kernel: [kh, kw], stride: [1, 1], padding };
    let op = Op::Conv2d { window };
    let conv2d = OpCase::new(op, &[&[n, wide[0], wide[1], o], &[kh, kw, o, i]]);
    let given = vec![Values::Real(inserted), Values::Real(turned)];
    let jobs = vec![
        Job::filled(transposed, Family::Integers, vec![small, weights]),
        Job::filled(conv2d, Family::Integers, given),
    ];
    Trial { jobs, holds: both_are_equal }
}

fn both_are_equal(done: &[Done]) -> Result<(), String> {
    equal(&done[0].dims(), &done[0].numbers(0), &done[1].numbers(0))
}
