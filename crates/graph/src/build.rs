//! One method an op, so that a network reads as its formula.
//!
//! Every method fails with a [`GraphError`] where operands or attributes do not fit the op.

#![expect(missing_docs, reason = "each method is its `Op`, which is documented there")]

use crate::{
    Graph, GraphError, Op, ScalarId, Shape, StorageId, TensorId, TensorType, Window,
    shape_rules::{check, operands_error},
};
use std::sync::Arc;

type Built = Result<TensorId, GraphError>;

impl Graph {
    fn one(&mut self, op: Op, operands: &[TensorId]) -> Built {
        Ok(self.push(op, operands)?[0])
    }

    pub fn constant(&mut self, values: &[f32], shape: &Shape) -> Built {
        let ty = TensorType::f32(shape.dims());
        check(values.len() == shape.elements(), || {
            operands_error("constant", "as many values as the shape has elements", &[&ty])
        })?;
        Ok(self.push_typed(Op::Constant(Arc::from(values)), &[], vec![ty])?[0])
    }

    pub fn view(&mut self, storage: StorageId, offset: usize, shape: &Shape) -> Built {
        let (length, available) = (shape.elements(), self.storages()[storage.index()].elements);
        check(offset.checked_add(length).is_some_and(|end| end <= available), || {
            let storage = self.storages()[storage.index()].name.clone();
            GraphError::View { storage, offset, length, available }
        })?;
        let ty = TensorType::f32(shape.dims());
        Ok(self.push_typed(Op::View { storage, offset }, &[], vec![ty])?[0])
    }

    pub fn reshape(&mut self, x: TensorId, shape: &Shape) -> Built {
        let from = self.ty(x).clone();
        let to = TensorType { dtype: from.dtype, shape: shape.clone() };
        check(from.shape.elements() == shape.elements(), || {
            operands_error("reshape", "as many elements as before", &[&from, &to])
        })?;
        Ok(self.push_typed(Op::Reshape, &[x], vec![to])?[0])
    }

    pub fn fill(&mut self, value: f32, shape: &Shape) -> Built {
        let ty = TensorType::f32(shape.dims());
        Ok(self.push_typed(Op::Fill { value }, &[], vec![ty])?[0])
    }

    pub fn copy(&mut self, x: TensorId, destination: TensorId) -> Result<(), GraphError> {
        self.push(Op::Copy, &[x, destination]).map(drop)
    }

    pub fn accumulate(&mut self, x: TensorId, destination: TensorId) -> Result<(), GraphError> {
        self.push(Op::Accumulate, &[x, destination]).map(drop)
    }

    pub fn add(&mut self, a: TensorId, b: TensorId) -> Built {
        self.one(Op::Add, &[a, b])
    }

    pub fn multiply(&mut self, a: TensorId, b: TensorId) -> Built {
        self.one(Op::Multiply, &[a, b])
    }

    pub fn scale(&mut self, x: TensorId, factor: f32) -> Built {
        self.one(Op::Scale { factor, offset: 0.0 }, &[x])
    }

    /// factor · x + offset.
    pub fn affine(&mut self, x: TensorId, factor: f32, offset: f32) -> Built {
        self.one(Op::Scale { factor, offset }, &[x])
    }

    pub fn reciprocal(&mut self, x: TensorId) -> Built {
        self.one(Op::Reciprocal, &[x])
    }

    pub fn square_root(&mut self, x: TensorId) -> Built {
        self.one(Op::SquareRoot, &[x])
    }

    pub fn bias(&mut self, x: TensorId, bias: TensorId) -> Built {
        self.one(Op::Bias, &[x, bias])
    }

    /// The sum over these axes, in any order, which stay with extent 1: one [`Op::Sum`] for each
    /// run of neighbours.
    pub fn sum(&mut self, x: TensorId, axes: &[usize]) -> Built {
        runs(axes).into_iter().try_fold(x, |x, axes| self.one(Op::Sum { axes }, &[x]))
    }

    /// The mean of all elements, of shape \[1\].
    pub fn mean_all(&mut self, x: TensorId) -> Built {
        let shape = self.shape(x).clone();
        let flat = self.reshape(x, &Shape::new(&[shape.elements()]))?;
        let sum = self.sum(flat, &[0])?;
        self.scale(sum, 1.0 / shape.elements() as f32)
    }

    /// Repeats x along every axis where it has extent 1 and `shape` has more: one
    /// [`Op::Broadcast`] for each run of neighbours.
    pub fn broadcast(&mut self, x: TensorId, shape: &Shape) -> Built {
        let from = self.ty(x).clone();
        let fits = from.shape.rank() == shape.rank()
            && from.shape.dims().iter().zip(shape.dims()).all(|(&a, &b)| a == b || a == 1);
        check(fits, || {
            let to = TensorType { dtype: from.dtype, shape: shape.clone() };
            operands_error("broadcast", "each extent the same or 1", &[&from, &to])
        })?;
        let axes: Vec<usize> =
            (0..shape.rank()).filter(|&a| from.shape.dims()[a] != shape.dims()[a]).collect();
        runs(&axes).into_iter().try_fold(x, |x, axes| {
            let sizes = shape.dims()[axes.clone()].to_vec();
            self.one(Op::Broadcast { axes, sizes }, &[x])
        })
    }

    pub fn relu(&mut self, x: TensorId) -> Built {
        self.leaky_relu(x, 0.0)
    }

    pub fn leaky_relu(&mut self, x: TensorId, slope: f32) -> Built {
        self.one(Op::LeakyRelu { slope }, &[x])
    }

    pub fn tanh(&mut self, x: TensorId) -> Built {
        self.one(Op::Tanh, &[x])
    }

    pub fn sigmoid(&mut self, x: TensorId) -> Built {
        self.one(Op::Sigmoid, &[x])
    }

    pub fn dropout(&mut self, x: TensorId, rate: f32, stream: u32) -> Built {
        self.one(Op::Dropout { rate, stream }, &[x])
    }

    pub fn bce_with_logits(&mut self, logits: TensorId, target: f32) -> Built {
        self.one(Op::BceWithLogits { target }, &[logits])
    }

    pub fn philox_bits(&mut self, shape: &Shape, stream: u32, first_block: u32) -> Built {
        let ty = TensorType { dtype: crate::DType::U32, shape: shape.clone() };
        Ok(self.push_typed(Op::PhiloxBits { stream, first_block }, &[], vec![ty])?[0])
    }

    pub fn normal(&mut self, shape: &Shape, stream: u32) -> Built {
        let ty = TensorType::f32(shape.dims());
        Ok(self.push_typed(Op::Normal { stream }, &[], vec![ty])?[0])
    }

    /// 8-bit pixels to [-1, 1]: the table holds pixel / 127.5 - 1, rounded once.
    pub fn scale_pixels(&mut self, pixels: TensorId) -> Built {
        let table: Vec<f32> = (0..256).map(|v| (f64::from(v) / 127.5 - 1.0) as f32).collect();
        let table = self.constant(&table, &Shape::new(&[256]))?;
        self.one(Op::ScalePixels, &[pixels, table])
    }

    pub fn dense(&mut self, x: TensorId, weight: TensorId) -> Built {
        self.one(Op::Dense, &[x, weight])
    }

    pub fn dense_grad_input(&mut self, grad: TensorId, weight: TensorId) -> Built {
        self.one(Op::DenseGradInput, &[grad, weight])
    }

    pub fn dense_grad_weight(&mut self, x: TensorId, grad: TensorId) -> Built {
        self.one(Op::DenseGradWeight, &[x, grad])
    }

    pub fn conv2d(&mut self, x: TensorId, weight: TensorId, window: Window) -> Built {
        self.one(Op::Conv2d { window }, &[x, weight])
    }

    pub fn conv_transpose2d(
        &mut self,
        y: TensorId,
        weight: TensorId,
        window: Window,
        output_padding: [usize; 2],
    ) -> Built {
        self.one(Op::ConvTranspose2d { window, output_padding }, &[y, weight])
    }

    pub fn conv2d_grad_weight(&mut self, x: TensorId, y: TensorId, window: Window) -> Built {
        self.one(Op::Conv2dGradWeight { window }, &[x, y])
    }

    /// Mean and biased variance of each channel.
    pub fn batch_norm_statistics(
        &mut self,
        x: TensorId,
    ) -> Result<(TensorId, TensorId), GraphError> {
        let results = self.push(Op::BatchNormStatistics, &[x])?;
        Ok((results[0], results[1]))
    }

    pub fn batch_norm(
        &mut self,
        x: TensorId,
        (mean, variance): (TensorId, TensorId),
        (gamma, beta): (TensorId, TensorId),
        epsilon: f32,
    ) -> Built {
        self.one(Op::BatchNorm { epsilon }, &[x, mean, variance, gamma, beta])
    }

    pub fn batch_norm_running(
        &mut self,
        (running_mean, running_variance): (TensorId, TensorId),
        (mean, variance): (TensorId, TensorId),
        momentum: f32,
        count: usize,
    ) -> Result<(), GraphError> {
        let operands = [running_mean, running_variance, mean, variance];
        self.push(Op::BatchNormRunning { momentum, count }, &operands).map(drop)
    }

    pub fn ema(
        &mut self,
        average: TensorId,
        value: TensorId,
        rate: ScalarId,
    ) -> Result<(), GraphError> {
        self.push(Op::Ema { rate }, &[average, value]).map(drop)
    }
}

/// Sorts axes and joins neighbours to ranges.
fn runs(axes: &[usize]) -> Vec<std::ops::Range<usize>> {
    let mut axes = axes.to_vec();
    axes.sort_unstable();
    axes.dedup();
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for axis in axes {
        match runs.last_mut() {
            Some(run) if run.end == axis => run.end += 1,
            _ => runs.push(axis..axis + 1),
        }
    }
    runs
}
