//! How far a result may be from the reference: the one table.
//!
//! An element may be off by `c · u · S`, with u = 2⁻²⁴ (half a unit in the last place of 1) and S
//! the op on absolute values. The functions of WGSL bring their own bounds (WGSL, "Floating point
//! accuracy"), to which 8 ULP are added.

use cpu_reference::{Values, magnitude};
use graph::{Op, TensorType};

/// How far a tensor's elements may be from the reference.
#[derive(Clone, Debug)]
pub enum Allowed {
    /// Each element by so much.
    Each(Vec<f64>),
    /// The L2 norm of each channel's errors by so much.
    ChannelNorm(Vec<f64>),
}

/// Half a unit in the last place of 1.
pub(crate) const U: f64 = 1.0 / (1 << 24) as f64;
/// The least normal f32: what may be flushed to zero.
pub(crate) const LEAST_NORMAL: f64 = f32::MIN_POSITIVE as f64;

/// c of an op with one rounding.
const ONE_ROUNDING: f64 = 2.0;
/// c of an op with two or three roundings.
const FEW_ROUNDINGS: f64 = 6.0;
/// c of an op with five roundings.
const MORE_ROUNDINGS: f64 = 10.0;
/// c of sums of K terms: see [`sum`].
const SUM: [f64; 2] = [4.0, 2.0];
/// ULP that are added to WGSL's own bounds.
const MORE_ULP: f64 = 8.0;
/// WGSL's bound of a division, in ULP.
const DIVISION_ULP: f64 = 2.5;
/// WGSL's bound of a square root, 1 / inverseSqrt, in ULP.
const SQUARE_ROOT_ULP: f64 = 4.5;
/// WGSL's absolute bound of a logarithm of numbers from 0.5 to 2.
const LOGARITHM: f64 = 1.0 / (1 << 21) as f64;
/// Relative, in ULP: tanh is written by hand, as WGSL's may be useless.
const TANH_ULP: f64 = 8.0;
/// Relative, in ULP: log, square root, and two cubics, one of them around 1.6.
const NORMAL_ULP: f64 = 32.0;
/// c of batch norm, on |γ|(|x| + mean|x|)/σ + |β|.
const BATCH_NORM: f64 = 32.0;
/// Of batch norm's gradient, relative to ‖γ/σ·dy‖: a constant, and c on |mean|/σ.
const BATCH_NORM_GRAD: [f64; 2] = [1e-5, 4.0];
/// ULP of Adam's moments, and of the update.
const ADAM_ULP: [f64; 2] = [4.0, 16.0];

/// c of a sum of `terms` products: 2(2 + √K), 2.7 to 4.8 times what sequential, fused and tree
/// sums of 9 to 32,768 terms were measured to need.
fn sum(terms: usize) -> f64 {
    SUM[0] + SUM[1] * (terms as f64).sqrt()
}

/// How far a sum of so many products may be off whose absolute values add up to `magnitude`: for
/// whoever looks at single elements.
pub fn of_products(terms: usize, magnitude: f64) -> f64 {
    sum(terms) * U * magnitude + LEAST_NORMAL
}

/// Operands, results, and what the reference made of them.
pub(crate) struct Evaluated<'a> {
    /// The op.
    pub op: &'a Op,
    /// Its operands.
    pub operands: &'a [(&'a TensorType, &'a Values<f64>)],
    /// The types of its results.
    pub result_types: &'a [TensorType],
    /// The bits of each scalar.
    pub scalars: &'a [u32],
    /// Its results or, if it works in place, the new values of what it changes.
    pub made: &'a [Values<f64>],
}

impl Evaluated<'_> {
    /// What is allowed for each of `made`.
    ///
    /// # Panics
    /// If the op has words as results, which are exact, or is no kernel.
    pub(crate) fn allowed(&self) -> Vec<Allowed> {
        let x = |place: usize| self.operands[place].1.real();
        let y = || self.made[0].real();
        let relative = |ulp: f64| vec![scaled(2.0 * ulp, y().iter().map(|y| y.abs()))];
        match self.op {
            Op::Fill { .. } | Op::Copy | Op::Broadcast { .. } | Op::ScalePixels => {
                vec![Allowed::Each(vec![0.0; y().len()])]
            }
            // A value that is dropped is exactly 0, since then so is what is allowed.
            Op::LeakyRelu { .. } | Op::LeakyReluGrad { .. } | Op::Dropout { .. } => {
                vec![Allowed::Each(y().iter().map(|y| ONE_ROUNDING * U * y.abs()).collect())]
            }
            Op::Accumulate | Op::Add | Op::Multiply | Op::Bias => self.of_magnitude(ONE_ROUNDING),
            Op::Scale { .. } => self.of_magnitude(FEW_ROUNDINGS),
            Op::Reciprocal => relative(DIVISION_ULP + MORE_ULP),
            Op::SquareRoot => relative(SQUARE_ROOT_ULP + MORE_ULP),
            Op::Tanh => relative(TANH_ULP),
            Op::Normal { .. } => relative(NORMAL_ULP),
            Op::TanhGrad => {
                vec![scaled(FEW_ROUNDINGS, pairs(x(0), x(1)).map(|(g, y)| g.abs() * (1.0 + y * y)))]
            }
            Op::SigmoidGrad => {
                let size = |(g, y): (f64, f64)| (g * y).abs() * (1.0 + y.abs());
                vec![scaled(FEW_ROUNDINGS, pairs(x(0), x(1)).map(size))]
            }
            Op::Sigmoid => vec![each(x(0).iter().map(|&x| sigmoid_error(x)))],
            Op::BceWithLogits { target } => {
                let target = f64::from(*target);
                vec![each(x(0).iter().map(|&x| bce_error(x, target)))]
            }
            Op::BceWithLogitsGrad { target } => {
                let target = f64::from(*target);
                vec![each(pairs(x(0), x(1)).map(|(grad, x)| {
                    grad.abs() * (sigmoid_error(x) + FEW_ROUNDINGS * U * (1.0 + target))
                }))]
            }
            Op::Sum { .. }
            | Op::Dense
            | Op::DenseGradInput
            | Op::DenseGradWeight
            | Op::Conv2d { .. }
            | Op::ConvTranspose2d { .. }
            | Op::Conv2dGradWeight { .. } => self.of_magnitude(sum(self.terms())),
            Op::BatchNormStatistics => self.batch_norm_statistics(),
            Op::BatchNorm { epsilon } => vec![self.batch_norm(f64::from(*epsilon))],
            Op::BatchNormGradGammaBeta { epsilon } => {
                self.batch_norm_grad_gamma_beta(f64::from(*epsilon))
            }
            Op::BatchNormGradInput { epsilon } => {
                vec![self.batch_norm_grad_input(f64::from(*epsilon))]
            }
            Op::BatchNormRunning { momentum, count } => {
                let momentum = f64::from(*momentum);
                let unbiased = *count as f64 / (*count as f64 - 1.0);
                let moved = |running: &[f64], new: &[f64], factor: f64| {
                    let size = |(running, new): (f64, f64)| {
                        running.abs() + momentum * (running.abs() + (factor * new).abs())
                    };
                    scaled(MORE_ROUNDINGS, pairs(running, new).map(size))
                };
                vec![moved(x(0), x(2), 1.0), moved(x(1), x(3), unbiased)]
            }
            Op::Adam { .. } => self.adam(),
            Op::Ema { rate } => {
                let rate = self.scalar(*rate);
                let size = |(a, v): (f64, f64)| a.abs() + rate * (a.abs() + v.abs());
                vec![scaled(FEW_ROUNDINGS, pairs(x(0), x(1)).map(size))]
            }
            Op::PhiloxBits { .. } => panic!("words are exact"),
            Op::Input | Op::Constant(_) | Op::View { .. } | Op::Reshape => panic!("no kernel"),
        }
    }

    fn of_magnitude(&self, c: f64) -> Vec<Allowed> {
        let size = magnitude(self.op, self.operands, self.result_types, self.scalars);
        let size = size.expect("an op of sums and products has a magnitude");
        size.iter().map(|size| scaled(c, size.real().iter().copied())).collect()
    }

    /// The longest sum of an element.
    fn terms(&self) -> usize {
        let dims = |place: usize| self.operands[place].0.shape.dims();
        match self.op {
            Op::Sum { axes } => dims(0)[axes.clone()].iter().product(),
            Op::Dense => dims(1)[0],
            Op::DenseGradInput => dims(1)[1],
            Op::DenseGradWeight => dims(0)[0],
            Op::Conv2d { window } => window.kernel.iter().product::<usize>() * dims(0)[3],
            Op::ConvTranspose2d { window, .. } => {
                let taps = |axis: usize| window.kernel[axis].div_ceil(window.stride[axis]);
                taps(0) * taps(1) * dims(0)[3]
            }
            Op::Conv2dGradWeight { .. } => dims(1)[..3].iter().product(),
            _ => unreachable!("asked for sums"),
        }
    }

    fn scalar(&self, id: graph::ScalarId) -> f64 {
        f64::from(f32::from_bits(self.scalars[id.index()]))
    }

    /// The mean as a sum, with the divisions of a part and of a weight; the variance as a sum of
    /// squares of deviations from a mean that is off, with the division of the whole.
    fn batch_norm_statistics(&self) -> Vec<Allowed> {
        let rows = self.operands[0].0.shape.rows();
        let c = sum(rows);
        let of_mean = c + 2.0 * 2.0 * DIVISION_ULP;
        let of_variance = c + 2.0 * DIVISION_ULP;
        let mean_errors: Vec<f64> =
            self.channel_means(0).iter().map(|mean| of_mean * U * mean + LEAST_NORMAL).collect();
        let variance = self.made[1].real();
        let variance_errors = pairs(variance, &mean_errors).map(|(variance, error)| {
            of_variance * U * variance + 2.0 * error * variance.sqrt() + error * error
        });
        let of_variance = each(variance_errors);
        vec![Allowed::Each(mean_errors), of_variance]
    }

    fn batch_norm(&self, epsilon: f64) -> Allowed {
        let x = |place: usize| self.operands[place].1.real();
        let ([mean, variance], [gamma, beta]) = ([x(1), x(2)], [x(3), x(4)]);
        let means = self.channel_means(0);
        let size = x(0).iter().enumerate().map(|(place, x)| {
            let c = place % means.len();
            let centre = means[c].max(mean[c].abs());
            gamma[c].abs() * (x.abs() + centre) / (variance[c] + epsilon).sqrt() + beta[c].abs()
        });
        scaled(BATCH_NORM, size)
    }

    fn batch_norm_grad_gamma_beta(&self, epsilon: f64) -> Vec<Allowed> {
        let x = |place: usize| self.operands[place].1.real();
        let ([grad, input], [mean, variance]) = ([x(0), x(1)], [x(2), x(3)]);
        let channels = mean.len();
        let mut sizes = [vec![0.0; channels], vec![0.0; channels]];
        for (place, (grad, input)) in pairs(grad, input).enumerate() {
            let c = place % channels;
            let deviation = (variance[c] + epsilon).sqrt();
            sizes[0][c] += grad.abs() * (input.abs() + mean[c].abs()) / deviation;
            sizes[1][c] += grad.abs();
        }
        let c = sum(grad.len() / channels);
        // What x̂ itself is off by: a square root, a division, a difference.
        let more = 2.0 * (SQUARE_ROOT_ULP + DIVISION_ULP) + 2.0;
        let [gamma, beta] = sizes;
        vec![scaled(c + more, gamma.into_iter()), scaled(c, beta.into_iter())]
    }

    fn batch_norm_grad_input(&self, epsilon: f64) -> Allowed {
        let x = |place: usize| self.operands[place].1.real();
        let (grad, [mean, variance, gamma]) = (x(0), [x(2), x(3), x(4)]);
        let channels = mean.len();
        let allowed = (0..channels).map(|c| {
            let deviation = (variance[c] + epsilon).sqrt();
            let squares = grad.iter().skip(c).step_by(channels).map(|grad| grad * grad);
            let norm = squares.sum::<f64>().sqrt() * gamma[c].abs() / deviation;
            let [constant, of_mean] = BATCH_NORM_GRAD;
            norm * (constant + of_mean * U * mean[c].abs() / deviation) + LEAST_NORMAL
        });
        Allowed::ChannelNorm(allowed.collect())
    }

    /// The moments, and the weights by the update and by what the moments are off by.
    fn adam(&self) -> Vec<Allowed> {
        let Op::Adam { first_rate, second_rate, epsilon, step_size, correction } = self.op else {
            unreachable!("asked for Adam")
        };
        let x = |place: usize| self.operands[place].1.real();
        let (weights, gradient) = (x(0), x(1));
        let [moment_ulp, update_ulp] = ADAM_ULP;
        let (rate1, rate2) = (f64::from(*first_rate), f64::from(*second_rate));
        let size1 = |(m, g): (f64, f64)| m.abs() + rate1 * (g.abs() + m.abs());
        let size2 = |(v, g): (f64, f64)| v.abs() + rate2 * (g * g + v.abs());
        let first: Vec<f64> = pairs(x(2), gradient)
            .map(|pair| 2.0 * moment_ulp * U * size1(pair) + LEAST_NORMAL)
            .collect();
        let second = scaled(2.0 * moment_ulp, pairs(x(3), gradient).map(size2));
        let step_size = self.scalar(*step_size);
        let of_weights = (0..weights.len()).map(|i| {
            let [m, v] = [self.made[1].real()[i], self.made[2].real()[i]];
            let denominator = v.sqrt() * self.scalar(*correction) + f64::from(*epsilon);
            2.0 * update_ulp * U * (step_size * m / denominator).abs()
                + step_size * first[i] / denominator
                + 2.0 * U * self.made[0].real()[i].abs()
        });
        vec![each(of_weights), Allowed::Each(first.clone()), second]
    }

    /// The mean of |x| of each channel.
    fn channel_means(&self, operand: usize) -> Vec<f64> {
        let (ty, values) = self.operands[operand];
        let channels = ty.shape.channels();
        let mut means = vec![0.0; channels];
        for (place, x) in values.real().iter().enumerate() {
            means[place % channels] += x.abs() / ty.shape.rows() as f64;
        }
        means
    }
}

/// What is allowed of an op, in words; empty for a name that is none.
pub fn in_words(op: &str) -> String {
    let [moment, update] = ADAM_ULP;
    let [constant, of_mean] = BATCH_NORM_GRAD;
    let [first, second] = SUM;
    match op {
        "fill" | "copy" | "broadcast" | "scale_pixels" | "philox_bits" => "exact".to_owned(),
        "leaky_relu" | "leaky_relu_grad" | "dropout" | "accumulate" | "add" | "multiply"
        | "bias" => format!("c = {ONE_ROUNDING}"),
        "scale" | "tanh_grad" | "sigmoid_grad" | "ema" => format!("c = {FEW_ROUNDINGS}"),
        "batch_norm_running" => format!("c = {MORE_ROUNDINGS}"),
        "reciprocal" => format!("{DIVISION_ULP} (WGSL) + {MORE_ULP} ULP"),
        "square_root" => format!("{SQUARE_ROOT_ULP} (WGSL) + {MORE_ULP} ULP"),
        "tanh" => format!("{TANH_ULP} ULP"),
        "normal" => format!("{NORMAL_ULP} ULP"),
        "sigmoid" => format!("exp and division (WGSL) + {MORE_ULP} ULP"),
        "bce_with_logits" => format!("exp and log (WGSL) + {MORE_ULP} ULP"),
        "bce_with_logits_grad" => format!("sigmoid's, and c = {FEW_ROUNDINGS}"),
        "sum" | "dense" | "dense_grad_input" | "dense_grad_weight" | "conv2d"
        | "conv_transpose2d" | "conv2d_grad_weight" => {
            format!("c = {first} + {second}√K, K terms")
        }
        "batch_norm_statistics" => {
            format!(
                "c = {first} + {second}√K over K rows, divisions (WGSL), what the mean is off by"
            )
        }
        "batch_norm_grad_gamma_beta" => {
            format!("c = {first} + {second}√K over K rows, division and square root (WGSL)")
        }
        "batch_norm" => format!("c = {BATCH_NORM} on γ(x + mean)/σ + β of absolute values"),
        "batch_norm_grad_input" => {
            format!("L2 of a channel: {constant:e} + {of_mean}u · mean/σ, over ‖γ/σ·dy‖")
        }
        "adam" => format!(
            "moments {moment} ULP; weights {update} ULP of the update + 1 ULP + what the first moment is off by"
        ),
        _ => String::new(),
    }
}

/// Adds a bias and a LeakyReLU behind an op: each rounds once, and neither grows an error.
pub(crate) fn widen(allowed: &mut [f64], size: impl Iterator<Item = f64>) {
    for (allowed, size) in allowed.iter_mut().zip(size) {
        *allowed += ONE_ROUNDING * U * size;
    }
}

fn each(errors: impl Iterator<Item = f64>) -> Allowed {
    Allowed::Each(errors.map(|error| error + LEAST_NORMAL).collect())
}

fn scaled(c: f64, sizes: impl Iterator<Item = f64>) -> Allowed {
    each(sizes.map(|size| c * U * size))
}

fn pairs<'a>(a: &'a [f64], b: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    a.iter().copied().zip(b.iter().copied())
}

/// Of exp(-|x|), 3 + 2|x| ULP relative.
fn exp_error(x: f64) -> f64 {
    (-x.abs()).exp() * 2.0 * U * (3.0 + 2.0 * x.abs())
}

/// Of e / (1 + e) or 1 / (1 + e) with e = exp(-|x|).
fn sigmoid_error(x: f64) -> f64 {
    let small = (-x.abs()).exp();
    let value = if x < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) };
    exp_error(x) / (1.0 + small) + value * 2.0 * U * (DIVISION_ULP + MORE_ULP)
}

/// Of max(x, 0) - x · target + log(1 + exp(-|x|)).
fn bce_error(x: f64, target: f64) -> f64 {
    let size = x.abs() * (1.0 + target) + 1.0;
    LOGARITHM + exp_error(x) + 2.0 * MORE_ULP * U * size
}
