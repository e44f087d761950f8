//! Linearity, batches apart, and laws of single functions.

use super::{
    products::linear_cases,
    trial::{Done, Job, Operand, Trial, close, equal, same_bits},
};
use crate::{Family, OpCase, proof::fill};
use cpu_reference::Values;
use graph::{DType, Op, Shape, TensorType, Window, scalars};

pub(super) fn linear() -> Vec<Trial> {
    let mut cases = linear_cases();
    // As single elements and as quads.
    for shape in [&[3, 5, 7][..], &[3, 2, 4]] {
        let two = [shape; 2];
        cases.push(OpCase::new(Op::Add, &two));
        cases.push(OpCase::new(Op::Multiply, &two));
        cases.push(OpCase::new(Op::LeakyReluGrad { slope: 0.25 }, &two));
        cases.push(OpCase::new(Op::TanhGrad, &two));
        cases.push(OpCase::new(Op::Dropout { rate: 0.5, stream: 7 }, &two[..1]));
        cases.push(OpCase::new(Op::Sum { axes: 1..2 }, &two[..1]));
        cases.push(OpCase::new(Op::Sum { axes: 0..2 }, &two[..1]));
    }
    for (outer, reduced, inner) in [(2, 131, 3), (1, 145, 4)] {
        cases.push(OpCase::new(Op::Sum { axes: 1..2 }, &[&[outer, reduced, inner]]));
    }
    let broadcast = Op::Broadcast { axes: 1..3, sizes: vec![5, 2] };
    cases.push(OpCase::new(broadcast, &[&[3, 1, 1, 7]]));
    cases.iter().map(linear_trial).collect()
}

/// f(x), f(y), f(x + y) and f(2x). A sum is linear in all of its operands at once, the others in
/// the first one alone.
fn linear_trial(case: &OpCase) -> Trial {
    let varies = |place: usize| place == 0 || case.op == Op::Add;
    let [x, y] = [0, 4].map(|first| -> Vec<Values<f64>> {
        let fill = |(place, ty): (usize, &TensorType)| {
            let place = if varies(place) { first + place } else { place };
            let values = fill(Family::Integers, ty, place);
            match case.op {
                // Of these outputs, 1 - y² is 1 or 3/4.
                Op::TanhGrad if !varies(place % 4) => map(&values, |value| value.signum() / 2.0),
                _ => values,
            }
        };
        case.inputs().iter().enumerate().map(fill).collect()
    });
    let combine = |factor: f64, with: &[Values<f64>]| -> Vec<Values<f64>> {
        let both = x.iter().zip(with).enumerate();
        both.map(|(place, (x, y))| {
            let sum = x.real().iter().zip(y.real()).map(|(x, y)| x + factor * y);
            if varies(place) { Values::Real(sum.collect()) } else { x.clone() }
        })
        .collect()
    };
    let [sum, double] = [combine(1.0, &y), combine(1.0, &x)];
    let jobs = [x, y, sum, double];
    let jobs = jobs.map(|given| Job::filled(case.clone(), Family::Integers, given));
    Trial { jobs: jobs.into(), holds: is_linear }
}

fn map(values: &Values<f64>, f: impl Fn(f64) -> f64) -> Values<f64> {
    Values::Real(values.real().iter().map(|&value| f(value)).collect())
}

fn is_linear(done: &[Done]) -> Result<(), String> {
    let [x, y, sum, double] = done else { unreachable!("four jobs") };
    let (dims, x) = (x.dims(), x.numbers(0));
    let both: Vec<f64> = x.iter().zip(y.numbers(0)).map(|(x, y)| x + y).collect();
    equal(&dims, &sum.numbers(0), &both)?;
    let twice: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
    equal(&dims, &double.numbers(0), &twice)
}

/// Samples of a batch.
const SAMPLES: usize = 3;

pub(super) fn batches_apart() -> Vec<Trial> {
    let n = SAMPLES;
    let mut cases = Vec::new();
    for shape in [[n, 5, 3, 1], [n, 3, 2, 4]] {
        let one = [&shape[..]];
        for op in [
            Op::LeakyRelu { slope: 0.2 },
            Op::Tanh,
            Op::Sigmoid,
            Op::Dropout { rate: 0.3, stream: 5 },
            Op::BceWithLogits { target: 0.9 },
        ] {
            cases.push(OpCase::new(op, &one));
        }
        cases.push(OpCase::new(Op::Bias, &[&shape, &shape[3..]]));
        let shape = Shape::new(&shape);
        let bits = Op::PhiloxBits { stream: 5, first_block: 2 };
        cases.push(OpCase::source(bits, &shape));
        cases.push(OpCase::source(Op::Normal { stream: 5 }, &shape));
        let mut pixels = OpCase::new(Op::ScalePixels, &[&[], &[256]]);
        pixels.operands[0] = TensorType { dtype: DType::U8, shape };
        cases.push(pixels);
    }
    for [i, o] in [[5, 7], [16, 20]] {
        cases.push(OpCase::new(Op::Dense, &[&[n, i], &[i, o]]));
        cases.push(OpCase::new(Op::DenseGradInput, &[&[n, o], &[i, o]]));
        let window = Window::square(3, 2, 1);
        let weights = [3, 3, i, o];
        let conv2d = Op::Conv2d { window };
        let transposed = Op::ConvTranspose2d { window, output_padding: [1, 0] };
        cases.push(OpCase::new(conv2d, &[&[n, 5, 4, i], &weights]).followed_by(true, Some(0.2)));
        cases.push(OpCase::new(transposed, &[&[n, 3, 2, o], &weights]));
    }
    cases.iter().map(batches_apart_of).collect()
}

/// The whole batch, then each sample of the first operand alone, drawn from at its own place.
fn batches_apart_of(case: &OpCase) -> Trial {
    let mut jobs = vec![Job::filled(case.clone(), Family::Normal, Vec::new())];
    let operands: Vec<Values<f64>> =
        jobs[0].operands.iter().map(|given| given.values(&[])).collect();
    for sample in 0..SAMPLES {
        let alone = |shape: &Shape| {
            let mut dims = shape.dims().to_vec();
            dims[0] = 1;
            Shape::new(&dims)
        };
        let mut one = case.clone();
        one.result = case.result.as_ref().map(alone);
        let mut given = operands.clone();
        if let (Some(ty), Some(values)) = (one.operands.first_mut(), given.first_mut()) {
            ty.shape = alone(&ty.shape);
            let length = ty.shape.elements();
            let range = sample * length..(sample + 1) * length;
            *values = match &*values {
                Values::Real(values) => Values::Real(values[range].to_vec()),
                Values::U8(bytes) => Values::U8(bytes[range].to_vec()),
                Values::U32(_) => unreachable!("no op reads words"),
            };
        }
        one.scalars[scalars::FIRST_SAMPLE.index()] += sample as u32;
        jobs.push(Job::filled(one, Family::Normal, given));
    }
    Trial { jobs, holds: apart_are_together }
}

fn apart_are_together(done: &[Done]) -> Result<(), String> {
    let apart: Vec<u32> = done[1..].iter().flat_map(|one| one.outcome.targets[0].clone()).collect();
    same_bits(&done[0].ty(), &done[0].outcome.targets[0], &apart)
}

const EPSILON: f32 = 1e-5;

pub(super) fn gradient_sums_to_zero() -> Vec<Trial> {
    // As single elements and as quads, in one split of the rows and in several.
    [[3, 5, 3, 5], [3, 6, 5, 8]].map(|[n, h, w, c]| gradient_trial(&[n, h, w, c])).into()
}

/// Statistics, gradients of γ and β, then of x, each from what the kernels before it left.
fn gradient_trial(dims: &[usize; 4]) -> Trial {
    let channels = &dims[3..];
    let given = |dims: &[usize], place: usize| {
        Operand::Given(fill(Family::Normal, &TensorType::f32(dims), place))
    };
    let made = |job: usize, target: usize| Operand::Made { job, target };
    let statistics = OpCase::new(Op::BatchNormStatistics, &[dims]);
    let op = Op::BatchNormGradGammaBeta { epsilon: EPSILON };
    let sums = OpCase::new(op, &[dims, dims, channels, channels]);
    let operands = [&dims[..], dims, channels, channels, channels, channels, channels];
    let gradient = OpCase::new(Op::BatchNormGradInput { epsilon: EPSILON }, &operands);
    let jobs = vec![
        Job { case: statistics, operands: vec![given(dims, 0)] },
        Job { case: sums, operands: vec![given(dims, 1), given(dims, 0), made(0, 0), made(0, 1)] },
        Job {
            case: gradient,
            operands: vec![
                given(dims, 1),
                given(dims, 0),
                made(0, 0),
                made(0, 1),
                given(channels, 2),
                made(1, 0),
                made(1, 1),
            ],
        },
    ];
    Trial { jobs, holds: sums_to_zero }
}

/// Σ dx is 0 for exact statistics and sums. What each kernel may be off by, by the one table,
/// carries over: the errors of dx by √rows times their norm (Cauchy & Schwarz), that of
/// grad_beta by γ/σ, and that of the mean by γ·grad_gamma/σ², as x̂ then sums to rows·error/σ.
fn sums_to_zero(done: &[Done]) -> Result<(), String> {
    let [statistics, sums, gradient] = done else { unreachable!("three jobs") };
    let (variance, gamma) = (statistics.numbers(1), gradient.operands[4].real());
    let grad_gamma = sums.numbers(0);
    let channels = gamma.len();
    let dx = gradient.numbers(0);
    let rows = dx.len() / channels;
    let [of_mean, of_beta, of_dx] = [statistics.allowed(0), sums.allowed(1), gradient.allowed(0)];
    let mut found = vec![0.0; channels];
    for (place, dx) in dx.iter().enumerate() {
        found[place % channels] += dx;
    }
    let allowed: Vec<f64> = (0..channels)
        .map(|c| {
            let deviation = (variance[c] + f64::from(EPSILON)).sqrt();
            let slope = gamma[c].abs() / deviation;
            (rows as f64).sqrt() * of_dx[c]
                + slope * of_beta[c]
                + slope * grad_gamma[c].abs() * of_mean[c] / deviation
        })
        .collect();
    close(&[channels], &found, &vec![0.0; channels], &allowed)
}

pub(super) fn softplus_is_odd() -> Vec<Trial> {
    let trial = |elements: usize| {
        let case = OpCase::new(Op::BceWithLogits { target: 0.0 }, &[&[elements]]);
        let x = fill(Family::Sweep, &case.operands[0], 0);
        let jobs = [x.clone(), map(&x, |x| -x)];
        let jobs = jobs.map(|given| Job::filled(case.clone(), Family::Sweep, vec![given]));
        Trial { jobs: jobs.into(), holds: difference_is_x }
    };
    [1201, 1500].map(trial).into()
}

fn difference_is_x(done: &[Done]) -> Result<(), String> {
    let [positive, negative] = done else { unreachable!("two jobs") };
    let (up, down) = (positive.numbers(0), negative.numbers(0));
    let found: Vec<f64> = up.iter().zip(down).map(|(up, down)| up - down).collect();
    let allowed = positive.allowed(0).into_iter().zip(negative.allowed(0));
    let allowed: Vec<f64> = allowed.map(|(up, down)| up + down).collect();
    close(&positive.dims(), &found, positive.operands[0].real(), &allowed)
}

pub(super) fn tanh_reaches_its_ends() -> Vec<Trial> {
    const FAR: [f32; 8] = [100.0, -100.0, 3e38, -3e38, 45.0, -45.0, -88.8, 88.8];
    let trial = |elements: usize| {
        let case = OpCase::new(Op::Tanh, &[&[elements]]);
        let far = Values::from_f32(&FAR[..elements]);
        let jobs = vec![Job::filled(case, Family::Normal, vec![far])];
        Trial { jobs, holds: ends_are_reached }
    };
    [7, 8].map(trial).into()
}

fn ends_are_reached(done: &[Done]) -> Result<(), String> {
    let ends: Vec<f64> = done[0].operands[0].real().iter().map(|x| x.signum()).collect();
    equal(&done[0].dims(), &done[0].numbers(0), &ends)
}
