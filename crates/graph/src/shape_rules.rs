//! Which operands an op takes, and the types of its results.

use crate::{DType, GraphError, Op, TensorType, Window};

/// The types of the op's results, or what is wrong with its operands.
pub(crate) fn infer(op: &Op, operands: &[TensorType]) -> Result<Vec<TensorType>, GraphError> {
    let rule = Rule { op: op.name(), operands };
    if let Some(operand) = operands.iter().find(|ty| ty.shape.elements() == 0) {
        return Err(GraphError::ZeroSized { op: op.name(), shape: operand.shape.clone() });
    }
    match op {
        Op::Input
        | Op::Constant(_)
        | Op::View { .. }
        | Op::Reshape
        | Op::Fill { .. }
        | Op::PhiloxBits { .. }
        | Op::Normal { .. } => Err(rule.error("a type, as its operands do not determine one")),
        Op::Copy | Op::Accumulate | Op::Ema { .. } => {
            rule.same(2)?;
            Ok(vec![])
        }
        Op::Add | Op::Multiply => rule.same(2),
        Op::LeakyReluGrad { .. } | Op::TanhGrad | Op::SigmoidGrad => rule.same(2),
        Op::BceWithLogitsGrad { target } => {
            rule.attribute("target", target, (0.0..=1.0).contains(target), "from 0 to 1")?;
            rule.same(2)
        }
        Op::Scale { .. } | Op::Reciprocal | Op::SquareRoot | Op::Tanh | Op::Sigmoid => rule.same(1),
        Op::LeakyRelu { slope } => {
            rule.attribute("slope", slope, (0.0..=1.0).contains(slope), "from 0 to 1")?;
            rule.same(1)
        }
        Op::Dropout { rate, .. } => {
            rule.attribute("rate", rate, (0.0..1.0).contains(rate), "at least 0 and below 1")?;
            rule.same(1)
        }
        Op::BceWithLogits { target } => {
            rule.attribute("target", target, (0.0..=1.0).contains(target), "from 0 to 1")?;
            rule.same(1)
        }
        Op::Bias => {
            let [x, bias] = rule.f32("x [.., C] and bias [C]")?;
            rule.need(per_channel(x, &[bias]), "x [.., C] and bias [C]")?;
            Ok(vec![x.clone()])
        }
        Op::Sum { axes } => {
            let [x] = rule.f32("one tensor")?;
            rule.need(!axes.is_empty() && axes.end <= x.shape.rank(), "axes that x has")?;
            let mut dims = x.shape.dims().to_vec();
            dims[axes.clone()].fill(1);
            Ok(vec![TensorType::f32(&dims)])
        }
        Op::Broadcast { axes, sizes } => {
            let [x] = rule.f32("one tensor")?;
            let fits = !axes.is_empty()
                && axes.end <= x.shape.rank()
                && axes.len() == sizes.len()
                && x.shape.dims()[axes.clone()].iter().all(|&extent| extent == 1);
            rule.need(fits, "extent 1 along every axis that is repeated")?;
            let mut dims = x.shape.dims().to_vec();
            dims[axes.clone()].copy_from_slice(sizes);
            Ok(vec![TensorType::f32(&dims)])
        }
        Op::ScalePixels => {
            let needs = "u8 pixels and an f32 table [256]";
            let [pixels, table] = rule.exactly(needs)?;
            let fits = pixels.dtype == DType::U8 && *table == TensorType::f32(&[256]);
            rule.need(fits, needs)?;
            Ok(vec![TensorType::f32(pixels.shape.dims())])
        }
        Op::Dense => {
            let [x, w] = rule.matrices("x [N, I] and w [I, O]")?;
            rule.need(x[1] == w[0], "x [N, I] and w [I, O]")?;
            Ok(vec![TensorType::f32(&[x[0], w[1]])])
        }
        Op::DenseGradInput => {
            let [grad, w] = rule.matrices("grad [N, O] and w [I, O]")?;
            rule.need(grad[1] == w[1], "grad [N, O] and w [I, O]")?;
            Ok(vec![TensorType::f32(&[grad[0], w[0]])])
        }
        Op::DenseGradWeight => {
            let [x, grad] = rule.matrices("x [N, I] and grad [N, O]")?;
            rule.need(x[0] == grad[0], "x [N, I] and grad [N, O]")?;
            Ok(vec![TensorType::f32(&[x[1], grad[1]])])
        }
        Op::Conv2d { window } => {
            let needs = "x [N, H, W, I] and w [kh, kw, I, O], with the window's kh and kw";
            let [x, w] = rule.images(window, needs)?;
            rule.need(w[..2] == window.kernel && x[3] == w[2], needs)?;
            let small = rule.small_size(window, [x[1], x[2]])?;
            Ok(vec![TensorType::f32(&[x[0], small[0], small[1], w[3]])])
        }
        Op::ConvTranspose2d { window, output_padding } => {
            let needs = "y [N, P, Q, O] and w [kh, kw, I, O], with the window's kh and kw";
            let [y, w] = rule.images(window, needs)?;
            rule.need(w[..2] == window.kernel && y[3] == w[3], needs)?;
            let less = output_padding.iter().zip(window.stride).all(|(&extra, s)| extra < s);
            rule.need_window(less, window, "output padding must be less than the stride")?;
            let large =
                window.large_size([y[1], y[2]], *output_padding).filter(|l| l[0] * l[1] > 0);
            let problem = "padding leaves nothing of the output";
            rule.need_window(large.is_some(), window, problem)?;
            let large = large.unwrap_or_default();
            Ok(vec![TensorType::f32(&[y[0], large[0], large[1], w[2]])])
        }
        Op::Conv2dGradWeight { window } => {
            let needs = "x [N, H, W, I] and y [N, P, Q, O] with P, Q as the window gives them";
            let [x, y] = rule.images(window, needs)?;
            let small = rule.small_size(window, [x[1], x[2]])?;
            rule.need(x[0] == y[0] && small == y[1..3], needs)?;
            Ok(vec![TensorType::f32(&[window.kernel[0], window.kernel[1], x[3], y[3]])])
        }
        Op::BatchNormStatistics => {
            let needs = "x [.., C] with at least two values a channel";
            let [x] = rule.f32(needs)?;
            rule.need(x.shape.rank() >= 2 && x.shape.rows() >= 2, needs)?;
            let channels = TensorType::f32(&[x.shape.channels()]);
            Ok(vec![channels.clone(), channels])
        }
        Op::BatchNorm { .. } => {
            let needs = "x [.., C] and mean, variance, gamma, beta [C]";
            let [x, rest @ ..] = rule.f32::<5>(needs)?;
            rule.need(per_channel(x, &rest), needs)?;
            Ok(vec![x.clone()])
        }
        Op::BatchNormGradGammaBeta { .. } => {
            let needs = "grad and x [.., C] of one shape and mean, variance [C]";
            let [grad, x, rest @ ..] = rule.f32::<4>(needs)?;
            rule.need(grad == x && per_channel(x, &rest), needs)?;
            let channels = TensorType::f32(&[x.shape.channels()]);
            Ok(vec![channels.clone(), channels])
        }
        Op::BatchNormGradInput { .. } => {
            let needs = "grad and x [.., C] of one shape and mean, variance, gamma, grad_gamma, \
                         grad_beta [C]";
            let [grad, x, rest @ ..] = rule.f32::<7>(needs)?;
            rule.need(grad == x && per_channel(x, &rest), needs)?;
            Ok(vec![x.clone()])
        }
        Op::BatchNormRunning { count, .. } => {
            rule.attribute("count", count, *count >= 2, "at least 2")?;
            rule.same(4)?;
            Ok(vec![])
        }
        Op::Adam { .. } => {
            rule.same(4)?;
            Ok(vec![])
        }
    }
}

pub(crate) fn check(holds: bool, error: impl FnOnce() -> GraphError) -> Result<(), GraphError> {
    if holds { Ok(()) } else { Err(error()) }
}

pub(crate) fn operands_error(
    op: &'static str,
    needs: &'static str,
    found: &[&TensorType],
) -> GraphError {
    GraphError::Operands { op, needs, found: found.iter().copied().cloned().collect() }
}

/// Whether every one of `vectors` is \[C\] for x [.., C].
fn per_channel(x: &TensorType, vectors: &[&TensorType]) -> bool {
    vectors.iter().all(|vector| vector.shape.dims() == [x.shape.channels()])
}

struct Rule<'a> {
    op: &'static str,
    operands: &'a [TensorType],
}

impl<'a> Rule<'a> {
    fn error(&self, needs: &'static str) -> GraphError {
        GraphError::Operands { op: self.op, needs, found: self.operands.to_vec() }
    }

    fn need(&self, holds: bool, needs: &'static str) -> Result<(), GraphError> {
        check(holds, || self.error(needs))
    }

    fn attribute(
        &self,
        attribute: &'static str,
        value: &impl ToString,
        holds: bool,
        range: &'static str,
    ) -> Result<(), GraphError> {
        check(holds, || GraphError::Attribute {
            op: self.op,
            attribute,
            value: value.to_string(),
            range,
        })
    }

    fn need_window(
        &self,
        holds: bool,
        window: &Window,
        problem: &'static str,
    ) -> Result<(), GraphError> {
        check(holds, || GraphError::Window {
            op: self.op,
            problem,
            window: *window,
            found: self.operands.to_vec(),
        })
    }

    fn exactly<const N: usize>(
        &self,
        needs: &'static str,
    ) -> Result<[&'a TensorType; N], GraphError> {
        let operands: Vec<&TensorType> = self.operands.iter().collect();
        operands.try_into().map_err(|_| self.error(needs))
    }

    fn f32<const N: usize>(&self, needs: &'static str) -> Result<[&'a TensorType; N], GraphError> {
        let operands = self.exactly(needs)?;
        self.need(operands.iter().all(|ty| ty.dtype == DType::F32), needs)?;
        Ok(operands)
    }

    /// `count` f32 operands of one shape, which is the result's.
    fn same(&self, count: usize) -> Result<Vec<TensorType>, GraphError> {
        let all = self.operands;
        let fits = all.len() == count
            && all.iter().all(|ty| ty.dtype == DType::F32 && ty.shape == all[0].shape);
        self.need(
            fits,
            match count {
                1 => "one f32 tensor",
                2 => "two f32 tensors of one shape",
                _ => "four f32 tensors of one shape",
            },
        )?;
        Ok(vec![all[0].clone()])
    }

    fn matrices(&self, needs: &'static str) -> Result<[&'a [usize]; 2], GraphError> {
        let operands = self.f32::<2>(needs)?.map(|ty| ty.shape.dims());
        self.need(operands.iter().all(|dims| dims.len() == 2), needs)?;
        Ok(operands)
    }

    fn images(&self, window: &Window, needs: &'static str) -> Result<[&'a [usize]; 2], GraphError> {
        let positive = window.kernel.iter().chain(&window.stride).all(|&extent| extent > 0);
        self.need_window(positive, window, "kernel and stride must be at least 1")?;
        let operands = self.f32::<2>(needs)?.map(|ty| ty.shape.dims());
        self.need(operands.iter().all(|dims| dims.len() == 4), needs)?;
        Ok(operands)
    }

    fn small_size(&self, window: &Window, large: [usize; 2]) -> Result<[usize; 2], GraphError> {
        let small = window.small_size(large);
        self.need_window(small.is_some(), window, "the kernel is larger than the padded image")?;
        Ok(small.unwrap_or_default())
    }
}
