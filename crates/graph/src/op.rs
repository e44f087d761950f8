//! The op set.

use crate::{ScalarId, StorageId, Window};
use std::{ops::Range, sync::Arc};

/// One operation. Operands are listed in order; every shape is in memory order (see
/// [`Shape`](crate::Shape)).
///
/// Each op but the sources and `Reshape` is one kernel: [`Op::name`] is the name of its shader, of
/// its wrapper in `tensor-ops`, of its twin in `cpu-reference` and of its test.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// A tensor that the host writes before a phase runs. No operands.
    Input,
    /// Values fixed when the graph is built. No operands.
    Constant(Arc<[f32]>),
    /// A slice of persistent storage, read when it is used and not before. No operands.
    View {
        /// The storage.
        storage: StorageId,
        /// The first element.
        offset: usize,
    },
    /// The same elements under another shape; no kernel. Operands: x.
    Reshape,

    /// Every element is `value`. No operands.
    Fill {
        /// The value.
        value: f32,
    },
    /// Writes x into a view. Operands: x, destination (in place).
    Copy,
    /// destination += x. Operands: x, destination (in place).
    Accumulate,

    /// a + b. Operands: a, b of one shape.
    Add,
    /// a · b. Operands: a, b of one shape.
    Multiply,
    /// factor · x + offset. Operands: x.
    Scale {
        /// The factor.
        factor: f32,
        /// The offset.
        offset: f32,
    },
    /// 1 / x. Operands: x.
    Reciprocal,
    /// √x. Operands: x.
    SquareRoot,
    /// Adds b to every row of x. Operands: x [.., C], b \[C\].
    Bias,
    /// The sum over `axes`, which stay with extent 1. Operands: x.
    Sum {
        /// Neighbouring axes.
        axes: Range<usize>,
    },
    /// Repeats x along `axes`, which have extent 1. Operands: x. The adjoint of [`Op::Sum`].
    Broadcast {
        /// Neighbouring axes.
        axes: Range<usize>,
        /// Their new extents.
        sizes: Vec<usize>,
    },

    /// x where x > 0, slope · x elsewhere; ReLU with slope 0. Operands: x.
    LeakyRelu {
        /// The slope for negative x.
        slope: f32,
    },
    /// grad where y > 0, slope · grad elsewhere. Operands: grad, y (the activation's output).
    LeakyReluGrad {
        /// The slope for negative y.
        slope: f32,
    },
    /// The hyperbolic tangent. Operands: x.
    Tanh,
    /// grad · (1 - y²). Operands: grad, y (tanh's output).
    TanhGrad,
    /// 1 / (1 + exp(-x)). Operands: x.
    Sigmoid,
    /// grad · y · (1 - y). Operands: grad, y (the sigmoid's output).
    SigmoidGrad,
    /// x / (1 - rate) where a Philox draw keeps it, 0 elsewhere. Operands: x \[N, ..\]. Its own
    /// adjoint.
    Dropout {
        /// The probability of 0.
        rate: f32,
        /// The Philox stream; the same stream draws the same mask.
        stream: u32,
    },

    /// Binary cross-entropy of sigmoid(x) against `target`, element by element:
    /// max(x, 0) - x·target + log(1 + exp(-|x|)). Operands: x.
    BceWithLogits {
        /// The label, from 0 to 1.
        target: f32,
    },
    /// grad · (sigmoid(x) - target). Operands: grad, x.
    BceWithLogitsGrad {
        /// The label, from 0 to 1.
        target: f32,
    },

    /// Philox4x32-10 bits (Salmon et al. 2011), u32 [N, ..]: element e of sample n is word e mod 4
    /// of the block with counter (first_block + e / 4, first_sample + n, step, stream) and key
    /// (seed_low, seed_high). No operands.
    PhiloxBits {
        /// Counter word 3.
        stream: u32,
        /// Added to counter word 0.
        first_block: u32,
    },
    /// Standard normal draws \[N, ..\] from the bits of the same place, by inverse CDF
    /// (Wichura 1988, AS 241, PPND7). No operands.
    Normal {
        /// The Philox stream.
        stream: u32,
    },
    /// 8-bit pixels through a table of 256 values. Operands: u8 pixels, table \[256\].
    ScalePixels,

    /// y = x·w. Operands: x [N, I], w [I, O].
    Dense,
    /// grad·wᵀ. Operands: grad [N, O], w [I, O].
    DenseGradInput,
    /// xᵀ·grad. Operands: x [N, I], grad [N, O].
    DenseGradWeight,
    /// ∂T/∂y of the [`Window`]. Operands: x [N, H, W, I], w [kh, kw, I, O].
    Conv2d {
        /// The geometry.
        window: Window,
    },
    /// ∂T/∂x of the [`Window`]. Operands: y [N, P, Q, O], w [kh, kw, I, O].
    ConvTranspose2d {
        /// The geometry.
        window: Window,
        /// Rows and columns added below and to the right, each less than its stride.
        output_padding: [usize; 2],
    },
    /// ∂T/∂w of the [`Window`]. Operands: x [N, H, W, I], y [N, P, Q, O].
    Conv2dGradWeight {
        /// The geometry.
        window: Window,
    },

    /// Mean and biased variance of each channel. Operands: x [.., C]. Results: mean \[C\],
    /// variance \[C\].
    BatchNormStatistics,
    /// γ·(x - mean)/√(variance + epsilon) + β. Operands: x [.., C], mean, variance, γ, β \[C\].
    BatchNorm {
        /// Added to the variance.
        epsilon: f32,
    },
    /// Σ grad·x̂ and Σ grad over each channel, with x̂ = (x - mean)/√(variance + epsilon).
    /// Operands: grad, x [.., C], mean, variance \[C\]. Results: grad_gamma, grad_beta \[C\].
    BatchNormGradGammaBeta {
        /// Added to the variance.
        epsilon: f32,
    },
    /// γ/√(variance + epsilon) · (grad - grad_beta/R - x̂·grad_gamma/R), R rows a channel.
    /// Operands: grad, x [.., C], mean, variance, γ, grad_gamma, grad_beta \[C\].
    BatchNormGradInput {
        /// Added to the variance.
        epsilon: f32,
    },
    /// Moves the running statistics towards a batch's, the variance unbiased by
    /// `count / (count - 1)`. Operands: running_mean, running_variance (both in place), mean,
    /// variance \[C\].
    BatchNormRunning {
        /// The weight of the new statistics.
        momentum: f32,
        /// The rows that the batch's statistics were taken over.
        count: usize,
    },

    /// One step of Adam (Kingma & Ba 2015): m += first_rate·(g-m), v += second_rate·(g²-v),
    /// w -= step_size · m / (√v · correction + epsilon). Operands: weights (in place), gradient,
    /// m, v (in place), all of one shape.
    ///
    /// The rates are 1 - β rather than β, which f32 would round to a rate a hundred times as
    /// wrong: 1 - 0.999 is 0.001 to 7 digits, 1 - f32(0.999) to 5.
    Adam {
        /// 1 - β1.
        first_rate: f32,
        /// 1 - β2.
        second_rate: f32,
        /// Added to the denominator.
        epsilon: f32,
        /// Holds learning_rate / (1 - β1ᵗ).
        step_size: ScalarId,
        /// Holds 1 / √(1 - β2ᵗ).
        correction: ScalarId,
    },
    /// average += rate · (value - average). Operands: average (in place), value.
    Ema {
        /// Holds 1 - decay.
        rate: ScalarId,
    },
}

impl Op {
    /// The names of all ops that are kernels, in the order of [`Op`].
    pub const KERNELS: &'static [&'static str] = &[
        "fill",
        "copy",
        "accumulate",
        "add",
        "multiply",
        "scale",
        "reciprocal",
        "square_root",
        "bias",
        "sum",
        "broadcast",
        "leaky_relu",
        "leaky_relu_grad",
        "tanh",
        "tanh_grad",
        "sigmoid",
        "sigmoid_grad",
        "dropout",
        "bce_with_logits",
        "bce_with_logits_grad",
        "philox_bits",
        "normal",
        "scale_pixels",
        "dense",
        "dense_grad_input",
        "dense_grad_weight",
        "conv2d",
        "conv_transpose2d",
        "conv2d_grad_weight",
        "batch_norm_statistics",
        "batch_norm",
        "batch_norm_grad_gamma_beta",
        "batch_norm_grad_input",
        "batch_norm_running",
        "adam",
        "ema",
    ];

    /// The op's name, the same in the shader's, the wrapper's, the twin's and the test's file name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Constant(_) => "constant",
            Self::View { .. } => "view",
            Self::Reshape => "reshape",
            Self::Fill { .. } => "fill",
            Self::Copy => "copy",
            Self::Accumulate => "accumulate",
            Self::Add => "add",
            Self::Multiply => "multiply",
            Self::Scale { .. } => "scale",
            Self::Reciprocal => "reciprocal",
            Self::SquareRoot => "square_root",
            Self::Bias => "bias",
            Self::Sum { .. } => "sum",
            Self::Broadcast { .. } => "broadcast",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::LeakyReluGrad { .. } => "leaky_relu_grad",
            Self::Tanh => "tanh",
            Self::TanhGrad => "tanh_grad",
            Self::Sigmoid => "sigmoid",
            Self::SigmoidGrad => "sigmoid_grad",
            Self::Dropout { .. } => "dropout",
            Self::BceWithLogits { .. } => "bce_with_logits",
            Self::BceWithLogitsGrad { .. } => "bce_with_logits_grad",
            Self::PhiloxBits { .. } => "philox_bits",
            Self::Normal { .. } => "normal",
            Self::ScalePixels => "scale_pixels",
            Self::Dense => "dense",
            Self::DenseGradInput => "dense_grad_input",
            Self::DenseGradWeight => "dense_grad_weight",
            Self::Conv2d { .. } => "conv2d",
            Self::ConvTranspose2d { .. } => "conv_transpose2d",
            Self::Conv2dGradWeight { .. } => "conv2d_grad_weight",
            Self::BatchNormStatistics => "batch_norm_statistics",
            Self::BatchNorm { .. } => "batch_norm",
            Self::BatchNormGradGammaBeta { .. } => "batch_norm_grad_gamma_beta",
            Self::BatchNormGradInput { .. } => "batch_norm_grad_input",
            Self::BatchNormRunning { .. } => "batch_norm_running",
            Self::Adam { .. } => "adam",
            Self::Ema { .. } => "ema",
        }
    }

    /// Whether the op computes something, rather than naming memory.
    pub fn is_kernel(&self) -> bool {
        !matches!(self, Self::Input | Self::Constant(_) | Self::View { .. } | Self::Reshape)
    }

    /// Whether the op only multiplies, adds and repeats what it reads.
    pub fn is_multilinear(&self) -> bool {
        matches!(
            self,
            Self::Copy
                | Self::Accumulate
                | Self::Add
                | Self::Multiply
                | Self::Bias
                | Self::Sum { .. }
                | Self::Broadcast { .. }
                | Self::Dense
                | Self::DenseGradInput
                | Self::DenseGradWeight
                | Self::Conv2d { .. }
                | Self::ConvTranspose2d { .. }
                | Self::Conv2dGradWeight { .. }
        )
    }

    /// The operands that the op changes in place. Such an op has no results of its own.
    pub fn in_place_operands(&self) -> &'static [usize] {
        match self {
            Self::Copy | Self::Accumulate => &[1],
            Self::BatchNormRunning { .. } => &[0, 1],
            Self::Adam { .. } => &[0, 2, 3],
            Self::Ema { .. } => &[0],
            _ => &[],
        }
    }
}
