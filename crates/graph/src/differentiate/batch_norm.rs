//! Batch norm: a fused gradient, whose own gradient is that of the primitives it stands for.

use super::{Visit, sum_rows};
use crate::{Graph, GraphError, Op, Shape, TensorId};

impl Visit<'_> {
    pub(super) fn batch_norm(&mut self, grad: TensorId, epsilon: f32) -> Result<(), GraphError> {
        let &[x, mean, variance, gamma, _] = &self.node.operands[..] else { unreachable!() };
        let trains = self.graph.is_statistics_of(mean, variance, x);
        let [to_x, .., to_gamma, to_beta] = self.wanted else { unreachable!() };
        if !trains {
            self.constant(1)?;
            self.constant(2)?;
        }
        if !(*to_x || *to_gamma || *to_beta) {
            return Ok(());
        }
        let op = Op::BatchNormGradGammaBeta { epsilon };
        let sums = self.graph.push(op, &[grad, x, mean, variance])?;
        self.operand(3, |_| Ok(sums[0]))?;
        self.operand(4, |_| Ok(sums[1]))?;
        self.operand(0, |g| {
            if trains {
                let operands = [grad, x, mean, variance, gamma, sums[0], sums[1]];
                return Ok(g.push(Op::BatchNormGradInput { epsilon }, &operands)?[0]);
            }
            let inverse = inverse_deviation(g, variance, epsilon)?;
            let slope = g.multiply(gamma, inverse)?;
            let slope = broadcast_rows(g, slope, x)?;
            g.multiply(grad, slope)
        })
    }

    /// The same results made of primitives, for the ops that are themselves gradients of batch
    /// norm: their own gradient is the primitives' one.
    pub(super) fn expand(&mut self) -> Result<Option<Vec<TensorId>>, GraphError> {
        let g = &mut *self.graph;
        match (&self.node.op, &self.node.operands[..]) {
            (Op::BatchNormGradGammaBeta { epsilon }, &[grad, x, mean, variance]) => {
                let normalised = normalised(g, x, (mean, variance), *epsilon)?;
                let product = g.multiply(grad, normalised)?;
                Ok(Some(vec![sum_rows(g, product)?, sum_rows(g, grad)?]))
            }
            (
                Op::BatchNormGradInput { epsilon },
                &[grad, x, mean, variance, gamma, grad_gamma, grad_beta],
            ) => {
                let inverse_rows = 1.0 / g.shape(x).rows() as f32;
                let normalised = normalised(g, x, (mean, variance), *epsilon)?;
                let along = broadcast_rows(g, grad_gamma, x)?;
                let along = g.multiply(normalised, along)?;
                let mean_grad = broadcast_rows(g, grad_beta, x)?;
                let removed = g.add(along, mean_grad)?;
                let removed = g.scale(removed, -inverse_rows)?;
                let centred = g.add(grad, removed)?;
                let inverse = inverse_deviation(g, variance, *epsilon)?;
                let slope = g.multiply(gamma, inverse)?;
                let slope = broadcast_rows(g, slope, x)?;
                Ok(Some(vec![g.multiply(slope, centred)?]))
            }
            (Op::BatchNormStatistics, &[x]) => {
                // Only reached by second derivatives: a first-order batch norm keeps its
                // statistics to itself.
                let inverse_rows = 1.0 / g.shape(x).rows() as f32;
                let sum = sum_rows(g, x)?;
                let mean = g.scale(sum, inverse_rows)?;
                let centred = centred(g, x, mean)?;
                let square = g.multiply(centred, centred)?;
                let sum = sum_rows(g, square)?;
                Ok(Some(vec![mean, g.scale(sum, inverse_rows)?]))
            }
            _ => Ok(None),
        }
    }
}

impl Graph {
    fn is_statistics_of(&self, mean: TensorId, variance: TensorId, x: TensorId) -> bool {
        let node = self.producer(mean);
        node.op == Op::BatchNormStatistics
            && node.operands == [x]
            && node.results == [mean, variance]
    }
}

/// A vector \[C\] repeated to the shape of `like` [.., C].
fn broadcast_rows(
    graph: &mut Graph,
    vector: TensorId,
    like: TensorId,
) -> Result<TensorId, GraphError> {
    let shape = graph.shape(like).clone();
    let mut dims = vec![1; shape.rank()];
    dims[shape.rank() - 1] = shape.channels();
    let vector = graph.reshape(vector, &Shape::new(&dims))?;
    graph.broadcast(vector, &shape)
}

/// 1 / √(variance + epsilon).
fn inverse_deviation(
    graph: &mut Graph,
    variance: TensorId,
    epsilon: f32,
) -> Result<TensorId, GraphError> {
    let shifted = graph.affine(variance, 1.0, epsilon)?;
    let deviation = graph.square_root(shifted)?;
    graph.reciprocal(deviation)
}

/// x - mean.
fn centred(graph: &mut Graph, x: TensorId, mean: TensorId) -> Result<TensorId, GraphError> {
    let mean = broadcast_rows(graph, mean, x)?;
    let minus_mean = graph.scale(mean, -1.0)?;
    graph.add(x, minus_mean)
}

/// (x - mean) / √(variance + epsilon).
fn normalised(
    graph: &mut Graph,
    x: TensorId,
    (mean, variance): (TensorId, TensorId),
    epsilon: f32,
) -> Result<TensorId, GraphError> {
    let centred = centred(graph, x, mean)?;
    let inverse = inverse_deviation(graph, variance, epsilon)?;
    let inverse = broadcast_rows(graph, inverse, x)?;
    graph.multiply(centred, inverse)
}
