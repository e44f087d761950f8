//! Laws that hold of the kernels, whatever the reference says.

mod pointwise;
mod products;
mod trial;

use tensor_ops::{DeviceError, Fault, Gpu};

/// A law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// ⟨conv2d(x, w), y⟩ = ⟨x, conv_transpose2d(y, w)⟩ = ⟨w, conv2d_grad_weight(x, y)⟩, and the same
    /// of the dense ops: equal on integers.
    Adjoint,
    /// f(x + y) = f(x) + f(y) and f(2x) = 2 f(x) in the first operand, of `add` in both at once:
    /// equal on integers.
    Linear,
    /// A kernel with a single 1 in its middle changes nothing.
    IdentityKernel,
    /// A 1x1 convolution is a product of matrices, bit for bit.
    OneByOneIsDense,
    /// A transposed convolution of stride s is a convolution of stride 1 over zeros inserted.
    ZeroInsertion,
    /// A batch is its samples one by one, bit for bit.
    BatchesApart,
    /// The gradient of batch norm with respect to its input sums to 0 over each channel.
    GradientSumsToZero,
    /// softplus(x) - softplus(-x) = x.
    SoftplusIsOdd,
    /// tanh(±100) = ±1.
    TanhReachesItsEnds,
}

impl Law {
    /// Every law.
    pub const ALL: [Self; 9] = [
        Self::Adjoint,
        Self::Linear,
        Self::IdentityKernel,
        Self::OneByOneIsDense,
        Self::ZeroInsertion,
        Self::BatchesApart,
        Self::GradientSumsToZero,
        Self::SoftplusIsOdd,
        Self::TanhReachesItsEnds,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adjoint => "adjoint",
            Self::Linear => "linear",
            Self::IdentityKernel => "identity-kernel",
            Self::OneByOneIsDense => "1x1-is-dense",
            Self::ZeroInsertion => "zero-insertion",
            Self::BatchesApart => "batches-apart",
            Self::GradientSumsToZero => "gradient-sums-to-zero",
            Self::SoftplusIsOdd => "softplus-is-odd",
            Self::TanhReachesItsEnds => "tanh-ends",
        }
    }

    /// What it says.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Adjoint => {
                "⟨conv2d(x, w), y⟩ = ⟨x, conv_transpose2d(y, w)⟩ = ⟨w, conv2d_grad_weight(x, y)⟩, \
                 and the same of the dense ops, and of sum and broadcast: equal on integers"
            }
            Self::Linear => "f(x + y) = f(x) + f(y) and f(2x) = 2 f(x): equal on integers",
            Self::IdentityKernel => "a kernel with a single 1 in its middle changes nothing",
            Self::OneByOneIsDense => "a 1x1 convolution is a product of matrices, bit for bit",
            Self::ZeroInsertion => {
                "a transposed convolution of stride s is a convolution over zeros inserted"
            }
            Self::BatchesApart => "a batch is its samples one by one, bit for bit",
            Self::GradientSumsToZero => {
                "the gradient of batch norm with respect to its input sums to 0 over each channel"
            }
            Self::SoftplusIsOdd => "softplus(x) - softplus(-x) = x",
            Self::TanhReachesItsEnds => "tanh(±100) = ±1",
        }
    }

    /// The ops that it is about.
    pub fn ops(self) -> &'static [&'static str] {
        match self {
            Self::Adjoint => &[
                "dense",
                "dense_grad_input",
                "dense_grad_weight",
                "conv2d",
                "conv_transpose2d",
                "conv2d_grad_weight",
                "sum",
                "broadcast",
            ],
            Self::Linear => &[
                "add",
                "multiply",
                "sum",
                "broadcast",
                "leaky_relu_grad",
                "tanh_grad",
                "dropout",
                "dense",
                "dense_grad_input",
                "dense_grad_weight",
                "conv2d",
                "conv_transpose2d",
                "conv2d_grad_weight",
            ],
            Self::IdentityKernel => &["conv2d", "conv_transpose2d"],
            Self::OneByOneIsDense => &["dense", "conv2d"],
            Self::ZeroInsertion => &["conv2d", "conv_transpose2d"],
            Self::BatchesApart => &[
                "bias",
                "leaky_relu",
                "tanh",
                "sigmoid",
                "dropout",
                "bce_with_logits",
                "philox_bits",
                "normal",
                "scale_pixels",
                "dense",
                "dense_grad_input",
                "conv2d",
                "conv_transpose2d",
            ],
            Self::GradientSumsToZero => &["batch_norm_grad_input", "batch_norm_grad_gamma_beta"],
            Self::SoftplusIsOdd => &["bce_with_logits"],
            Self::TanhReachesItsEnds => &["tanh"],
        }
    }

    /// Whether it holds on an adapter, in each form that a plan there can give its kernels. A
    /// fault may be planted, to see that it is found.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) async fn check(
        self,
        gpu: &Gpu,
        fault: Option<Fault>,
    ) -> Result<Vec<LawCase>, DeviceError> {
        let trials = match self {
            Self::Adjoint => products::adjoint(),
            Self::Linear => pointwise::linear(),
            Self::IdentityKernel => products::identity_kernel(),
            Self::OneByOneIsDense => products::one_by_one_is_dense(),
            Self::ZeroInsertion => products::zero_insertion(),
            Self::BatchesApart => pointwise::batches_apart(),
            Self::GradientSumsToZero => pointwise::gradient_sums_to_zero(),
            Self::SoftplusIsOdd => pointwise::softplus_is_odd(),
            Self::TanhReachesItsEnds => pointwise::tanh_reaches_its_ends(),
        };
        let mut cases = Vec::new();
        for trial in trials {
            trial.run(gpu, fault, &mut cases).await?;
        }
        Ok(cases)
    }
}

/// How a law held of kernels on operands of given shapes.
#[derive(Clone, Debug)]
pub(crate) struct LawCase {
    /// The op that is blamed; the first one where the law holds.
    pub op: &'static str,
    /// The kernels, their shapes and their form.
    pub case: String,
    /// What was found where what was expected, at the first coordinates that differ.
    pub result: Result<(), String>,
}

#[cfg(test)]
mod tests;
