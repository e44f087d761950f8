//! One op on given operands.

use crate::{
    Real, Values,
    accumulate::accumulate,
    adam::{self, adam},
    add::add,
    batch_norm::batch_norm,
    batch_norm_grad_gamma_beta::batch_norm_grad_gamma_beta,
    batch_norm_grad_input::batch_norm_grad_input,
    batch_norm_running::batch_norm_running,
    batch_norm_statistics::batch_norm_statistics,
    bce_with_logits::bce_with_logits,
    bce_with_logits_grad::bce_with_logits_grad,
    bias::bias,
    broadcast::broadcast,
    conv_transpose2d::conv_transpose2d,
    conv2d::conv2d,
    conv2d_grad_weight::conv2d_grad_weight,
    copy::copy,
    dense::dense,
    dense_grad_input::dense_grad_input,
    dense_grad_weight::dense_grad_weight,
    dropout::dropout,
    elements::map,
    ema::ema,
    fill::fill,
    leaky_relu::leaky_relu,
    leaky_relu_grad::leaky_relu_grad,
    multiply::multiply,
    normal::normal,
    philox::Draw,
    philox_bits::philox_bits,
    reciprocal::reciprocal,
    scale::scale,
    scale_pixels::scale_pixels,
    sigmoid::sigmoid,
    sigmoid_grad::sigmoid_grad,
    square_root::square_root,
    sum::sum,
    tanh::tanh,
    tanh_grad::tanh_grad,
    window::Geometry,
};
use graph::{Op, ScalarId, Shape, TensorType};

/// The op's results in its order, or, for an op that works in place, the new values of the operands
/// that it changes, in order.
///
/// `scalars` holds the bits of each scalar (u32 or f32) by [`ScalarId::index`].
///
/// # Panics
/// If the operands do not fit the op, which a [`Graph`](graph::Graph) refuses, or if the op has no
/// value of its own: [`Op::Input`] and [`Op::View`] name memory.
pub fn evaluate<T: Real>(
    op: &Op,
    operands: &[(&TensorType, &Values<T>)],
    result_types: &[TensorType],
    scalars: &[u32],
) -> Vec<Values<T>> {
    Call { operands, result_types, scalars }.evaluate(op)
}

/// S of the error bound `c · u · S`: the op on the absolute values of its operands and attributes,
/// for ops that only multiply, add and repeat; `None` for others.
///
/// # Panics
/// As [`evaluate()`].
pub fn magnitude<T: Real>(
    op: &Op,
    operands: &[(&TensorType, &Values<T>)],
    result_types: &[TensorType],
    scalars: &[u32],
) -> Option<Vec<Values<T>>> {
    let op = match op {
        op if op.is_multilinear() => op.clone(),
        Op::Scale { factor, offset } => Op::Scale { factor: factor.abs(), offset: offset.abs() },
        _ => return None,
    };
    let absolute: Vec<Values<T>> =
        operands.iter().map(|(_, values)| Values::Real(map(values.real(), T::abs))).collect();
    let operands: Vec<(&TensorType, &Values<T>)> =
        operands.iter().zip(&absolute).map(|((ty, _), values)| (*ty, values)).collect();
    Some(evaluate(&op, &operands, result_types, scalars))
}

struct Call<'a, T> {
    operands: &'a [(&'a TensorType, &'a Values<T>)],
    result_types: &'a [TensorType],
    scalars: &'a [u32],
}

impl<T: Real> Call<'_, T> {
    fn evaluate(&self, op: &Op) -> Vec<Values<T>> {
        let x = |place: usize| self.operands[place].1.real();
        let real = |values: Vec<T>| vec![Values::Real(values)];
        match op {
            Op::Input | Op::View { .. } => panic!("{} names memory, it has no value", op.name()),
            Op::Constant(values) => vec![Values::from_f32(values)],
            Op::Reshape => vec![self.operands[0].1.clone()],

            Op::Fill { value } => real(fill(*value, self.result().elements())),
            Op::Copy => real(copy(x(0))),
            Op::Accumulate => real(accumulate(x(0), x(1))),

            Op::Add => real(add(x(0), x(1))),
            Op::Multiply => real(multiply(x(0), x(1))),
            Op::Scale { factor, offset } => real(scale(x(0), *factor, *offset)),
            Op::Reciprocal => real(reciprocal(x(0))),
            Op::SquareRoot => real(square_root(x(0))),
            Op::Bias => real(bias(x(0), x(1))),
            Op::Sum { axes } => real(sum(x(0), self.dims(0), axes)),
            Op::Broadcast { axes, .. } => real(broadcast(x(0), self.result().dims(), axes)),

            Op::LeakyRelu { slope } => real(leaky_relu(x(0), *slope)),
            Op::LeakyReluGrad { slope } => real(leaky_relu_grad(x(0), x(1), *slope)),
            Op::Tanh => real(tanh(x(0))),
            Op::TanhGrad => real(tanh_grad(x(0), x(1))),
            Op::Sigmoid => real(sigmoid(x(0))),
            Op::SigmoidGrad => real(sigmoid_grad(x(0), x(1))),
            Op::Dropout { rate, stream } => {
                let draw = Draw { stream: *stream, first_block: 0 };
                real(dropout(x(0), &self.operands[0].0.shape, *rate, &draw, self.scalars))
            }

            Op::BceWithLogits { target } => real(bce_with_logits(x(0), *target)),
            Op::BceWithLogitsGrad { target } => real(bce_with_logits_grad(x(0), x(1), *target)),

            Op::PhiloxBits { stream, first_block } => {
                let draw = Draw { stream: *stream, first_block: *first_block };
                vec![Values::U32(philox_bits(self.result(), &draw, self.scalars))]
            }
            Op::Normal { stream } => {
                let draw = Draw { stream: *stream, first_block: 0 };
                real(normal(self.result(), &draw, self.scalars))
            }
            Op::ScalePixels => real(scale_pixels(self.operands[0].1.u8(), x(1))),

            Op::Dense => real(dense(x(0), x(1), self.matrix(1))),
            Op::DenseGradInput => real(dense_grad_input(x(0), x(1), self.matrix(1))),
            Op::DenseGradWeight => {
                let sizes = [self.dims(0)[1], self.dims(1)[1]];
                real(dense_grad_weight(x(0), x(1), sizes))
            }
            Op::Conv2d { window } => {
                let geometry = Geometry::new(window, self.dims(0), self.result().dims());
                real(conv2d(x(0), x(1), &geometry))
            }
            Op::ConvTranspose2d { window, .. } => {
                let geometry = Geometry::new(window, self.result().dims(), self.dims(0));
                real(conv_transpose2d(x(0), x(1), &geometry))
            }
            Op::Conv2dGradWeight { window } => {
                let geometry = Geometry::new(window, self.dims(0), self.dims(1));
                real(conv2d_grad_weight(x(0), x(1), &geometry))
            }

            Op::BatchNormStatistics => {
                let channels = self.operands[0].0.shape.channels();
                batch_norm_statistics(x(0), channels).map(Values::Real).into()
            }
            Op::BatchNorm { epsilon } => {
                real(batch_norm(x(0), [x(1), x(2)], [x(3), x(4)], *epsilon))
            }
            Op::BatchNormGradGammaBeta { epsilon } => {
                let sums = batch_norm_grad_gamma_beta(x(0), x(1), [x(2), x(3)], *epsilon);
                sums.map(Values::Real).into()
            }
            Op::BatchNormGradInput { epsilon } => {
                let (vectors, sums) = ([x(2), x(3), x(4)], [x(5), x(6)]);
                real(batch_norm_grad_input(x(0), x(1), vectors, sums, *epsilon))
            }
            Op::BatchNormRunning { momentum, count } => {
                batch_norm_running([x(0), x(1)], [x(2), x(3)], *momentum, *count)
                    .map(Values::Real)
                    .into()
            }

            Op::Adam { first_rate, second_rate, epsilon, step_size, correction } => {
                let attributes = adam::Attributes {
                    first_rate: T::from_f32(*first_rate),
                    second_rate: T::from_f32(*second_rate),
                    epsilon: T::from_f32(*epsilon),
                    step_size: self.scalar(*step_size),
                    correction: self.scalar(*correction),
                };
                adam(x(0), x(1), [x(2), x(3)], &attributes).map(Values::Real).into()
            }
            Op::Ema { rate } => real(ema(x(0), x(1), self.scalar(*rate))),
        }
    }

    fn dims(&self, operand: usize) -> &[usize] {
        self.operands[operand].0.shape.dims()
    }

    fn matrix(&self, operand: usize) -> [usize; 2] {
        [self.dims(operand)[0], self.dims(operand)[1]]
    }

    fn result(&self) -> &Shape {
        &self.result_types[0].shape
    }

    fn scalar(&self, id: ScalarId) -> T {
        T::from_f32(f32::from_bits(self.scalars[id.index()]))
    }
}
