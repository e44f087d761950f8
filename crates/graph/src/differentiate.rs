//! Differentiation from graph to graph: the gradient of an op is made of ops of the set.
//!
//! Reverse accumulation (Griewank & Walther 2008, chapter 3): nodes are visited from the result
//! back; a tensor used twice sums what each use contributes.

mod batch_norm;

use crate::{Graph, GraphError, Node, NodeId, Op, Shape, TensorId};
use std::collections::HashMap;

impl Graph {
    /// Appends the gradient of `Σ seed · result` over all `results` with respect to each of
    /// `with_respect_to`, and returns it, in their order and of their shapes. A seed of `None` is
    /// all ones. A tensor that no result depends on has a gradient of zeros.
    ///
    /// A batch norm whose statistics are those of its own operand is differentiated through them
    /// (training); with any other statistics they are constants (evaluation).
    ///
    /// Storage stops gradients: what one op writes there and another reads is a constant to the
    /// reader, as a detached tensor is.
    ///
    /// # Errors
    /// [`GraphError::NotDifferentiable`] where an op on the way has no gradient;
    /// [`GraphError::Operands`] where a seed's shape is not its result's.
    pub fn gradient(
        &mut self,
        results: &[(TensorId, Option<TensorId>)],
        with_respect_to: &[TensorId],
    ) -> Result<Vec<TensorId>, GraphError> {
        self.gradient_back_to(0, results, with_respect_to)
    }

    /// [`Graph::gradient`] through the nodes from `first` on alone: how `with_respect_to` depend on
    /// one another by way of earlier nodes does not count.
    fn gradient_back_to(
        &mut self,
        first: usize,
        results: &[(TensorId, Option<TensorId>)],
        with_respect_to: &[TensorId],
    ) -> Result<Vec<TensorId>, GraphError> {
        let depends = self.dependants(with_respect_to);
        let mut gradients = Gradients(HashMap::new());
        for &(result, seed) in results {
            let seed = match seed {
                Some(seed) => seed,
                None => self.fill(1.0, &self.shape(result).clone())?,
            };
            gradients.accumulate(self, result, seed)?;
        }
        let last = results.iter().map(|&(result, _)| self.tensors()[result.index()].producer).max();
        let visited = last.map_or(0, |node| node.index() + 1);
        for index in (first..visited).rev() {
            let node = self.node(NodeId(index as u32)).clone();
            let upstream: Vec<Option<TensorId>> =
                node.results.iter().map(|result| gradients.0.get(result).copied()).collect();
            let wanted: Vec<bool> =
                node.operands.iter().map(|operand| depends[operand.index()]).collect();
            if upstream.iter().any(Option::is_some) && wanted.contains(&true) {
                Visit { graph: self, node: &node, wanted: &wanted, gradients: &mut gradients }
                    .contribute(&upstream)?;
            }
        }
        with_respect_to
            .iter()
            .map(|&tensor| match gradients.0.get(&tensor) {
                Some(&gradient) => Ok(gradient),
                None => self.fill(0.0, &self.shape(tensor).clone()),
            })
            .collect()
    }

    /// Which tensors depend on one of these, themselves included.
    fn dependants(&self, sources: &[TensorId]) -> Vec<bool> {
        let mut depends = vec![false; self.tensors().len()];
        for source in sources {
            depends[source.index()] = true;
        }
        for (_, node) in self.nodes() {
            if node.operands.iter().any(|operand| depends[operand.index()]) {
                for result in &node.results {
                    depends[result.index()] = true;
                }
            }
        }
        depends
    }
}

struct Gradients(HashMap<TensorId, TensorId>);

impl Gradients {
    fn accumulate(
        &mut self,
        graph: &mut Graph,
        tensor: TensorId,
        contribution: TensorId,
    ) -> Result<(), GraphError> {
        let sum = match self.0.get(&tensor) {
            Some(&sum) => graph.add(sum, contribution)?,
            None => contribution,
        };
        self.0.insert(tensor, sum);
        Ok(())
    }
}

/// One node on the way back.
struct Visit<'a> {
    graph: &'a mut Graph,
    node: &'a Node,
    wanted: &'a [bool],
    gradients: &'a mut Gradients,
}

impl Visit<'_> {
    /// Adds `build`'s tensor to the gradient of an operand, if that is wanted.
    fn operand(
        &mut self,
        place: usize,
        build: impl FnOnce(&mut Graph) -> Result<TensorId, GraphError>,
    ) -> Result<(), GraphError> {
        if self.wanted[place] {
            let contribution = build(self.graph)?;
            self.gradients.accumulate(self.graph, self.node.operands[place], contribution)?;
        }
        Ok(())
    }

    /// Fails if the gradient of an operand without one is wanted.
    fn constant(&self, place: usize) -> Result<(), GraphError> {
        if self.wanted[place] {
            return Err(GraphError::NotDifferentiable { op: self.node.op.name(), operand: place });
        }
        Ok(())
    }

    fn contribute(mut self, upstream: &[Option<TensorId>]) -> Result<(), GraphError> {
        let Node { op, operands, results, .. } = self.node;
        let at = |place: usize| operands[place];
        let first = self.graph.nodes().count();
        if let Some(replica) = self.expand()? {
            return self.through(first, &replica, upstream);
        }
        let Some(grad) = upstream[0] else { return Ok(()) };
        match op {
            Op::Reshape => self.operand(0, |g| {
                let shape = g.shape(at(0)).clone();
                g.reshape(grad, &shape)
            }),
            Op::Add => {
                self.operand(0, |_| Ok(grad))?;
                self.operand(1, |_| Ok(grad))
            }
            Op::Multiply => {
                self.operand(0, |g| g.multiply(grad, at(1)))?;
                self.operand(1, |g| g.multiply(grad, at(0)))
            }
            Op::Scale { factor, .. } => self.operand(0, |g| g.scale(grad, *factor)),
            Op::Reciprocal => self.operand(0, |g| {
                let square = g.multiply(results[0], results[0])?;
                let product = g.multiply(grad, square)?;
                g.scale(product, -1.0)
            }),
            Op::SquareRoot => self.operand(0, |g| {
                let inverse = g.reciprocal(results[0])?;
                let product = g.multiply(grad, inverse)?;
                g.scale(product, 0.5)
            }),
            Op::Bias => {
                self.operand(0, |_| Ok(grad))?;
                self.operand(1, |g| sum_rows(g, grad))
            }
            Op::Sum { axes } => self.operand(0, |g| {
                let shape = g.shape(at(0)).dims()[axes.clone()].to_vec();
                let op = Op::Broadcast { axes: axes.clone(), sizes: shape };
                Ok(g.push(op, &[grad])?[0])
            }),
            Op::Broadcast { axes, .. } => {
                self.operand(0, |g| Ok(g.push(Op::Sum { axes: axes.clone() }, &[grad])?[0]))
            }
            Op::LeakyRelu { slope } => self.operand(0, |g| {
                Ok(g.push(Op::LeakyReluGrad { slope: *slope }, &[grad, results[0]])?[0])
            }),
            Op::LeakyReluGrad { slope } => {
                // Linear in grad; flat in y, whose sign alone matters.
                self.operand(0, |g| {
                    Ok(g.push(Op::LeakyReluGrad { slope: *slope }, &[grad, at(1)])?[0])
                })
            }
            Op::Tanh => self.operand(0, |g| Ok(g.push(Op::TanhGrad, &[grad, results[0]])?[0])),
            Op::TanhGrad => {
                self.operand(0, |g| Ok(g.push(Op::TanhGrad, &[grad, at(1)])?[0]))?;
                self.operand(1, |g| {
                    let product = g.multiply(at(0), at(1))?;
                    let product = g.multiply(grad, product)?;
                    g.scale(product, -2.0)
                })
            }
            Op::Sigmoid => {
                self.operand(0, |g| Ok(g.push(Op::SigmoidGrad, &[grad, results[0]])?[0]))
            }
            Op::SigmoidGrad => {
                self.operand(0, |g| Ok(g.push(Op::SigmoidGrad, &[grad, at(1)])?[0]))?;
                self.operand(1, |g| {
                    let slope = g.affine(at(1), -2.0, 1.0)?;
                    let product = g.multiply(at(0), slope)?;
                    g.multiply(grad, product)
                })
            }
            Op::Dropout { rate, stream } => self.operand(0, |g| g.dropout(grad, *rate, *stream)),
            Op::BceWithLogits { target } => self.operand(0, |g| {
                Ok(g.push(Op::BceWithLogitsGrad { target: *target }, &[grad, at(0)])?[0])
            }),
            Op::BceWithLogitsGrad { target } => {
                self.operand(0, |g| {
                    Ok(g.push(Op::BceWithLogitsGrad { target: *target }, &[grad, at(1)])?[0])
                })?;
                self.operand(1, |g| {
                    let probability = g.sigmoid(at(1))?;
                    let product = g.multiply(grad, at(0))?;
                    Ok(g.push(Op::SigmoidGrad, &[product, probability])?[0])
                })
            }
            Op::Dense => {
                self.operand(0, |g| g.dense_grad_input(grad, at(1)))?;
                self.operand(1, |g| g.dense_grad_weight(at(0), grad))
            }
            Op::DenseGradInput => {
                self.operand(0, |g| g.dense(grad, at(1)))?;
                self.operand(1, |g| g.dense_grad_weight(grad, at(0)))
            }
            Op::DenseGradWeight => {
                self.operand(0, |g| g.dense_grad_input(at(1), grad))?;
                self.operand(1, |g| g.dense(at(0), grad))
            }
            Op::Conv2d { window } => {
                self.operand(0, |g| transposed_to(g, at(0), grad, at(1), *window))?;
                self.operand(1, |g| g.conv2d_grad_weight(at(0), grad, *window))
            }
            Op::ConvTranspose2d { window, .. } => {
                self.operand(0, |g| g.conv2d(grad, at(1), *window))?;
                self.operand(1, |g| g.conv2d_grad_weight(grad, at(0), *window))
            }
            Op::Conv2dGradWeight { window } => {
                self.operand(0, |g| transposed_to(g, at(0), at(1), grad, *window))?;
                self.operand(1, |g| g.conv2d(at(0), grad, *window))
            }
            Op::BatchNorm { epsilon } => self.batch_norm(grad, *epsilon),
            Op::ScalePixels => {
                self.constant(0)?;
                self.constant(1)
            }
            // Without operands, without results, or expanded above.
            Op::Input
            | Op::Constant(_)
            | Op::View { .. }
            | Op::Fill { .. }
            | Op::PhiloxBits { .. }
            | Op::Normal { .. }
            | Op::Copy
            | Op::Accumulate
            | Op::BatchNormRunning { .. }
            | Op::Adam { .. }
            | Op::Ema { .. }
            | Op::BatchNormStatistics
            | Op::BatchNormGradGammaBeta { .. }
            | Op::BatchNormGradInput { .. } => Ok(()),
        }
    }

    /// Adds the gradients of the replica's results, which stand for this node's, to its operands.
    /// `first` is the replica's first node.
    fn through(
        &mut self,
        first: usize,
        replica: &[TensorId],
        upstream: &[Option<TensorId>],
    ) -> Result<(), GraphError> {
        let seeded: Vec<_> = replica
            .iter()
            .zip(upstream)
            .filter_map(|(&result, &grad)| grad.map(|grad| (result, Some(grad))))
            .collect();
        // A tensor that is two operands has one gradient, which sums both uses.
        let operands = &self.node.operands;
        let places: Vec<usize> = (0..operands.len())
            .filter(|&place| self.wanted[place] && !operands[..place].contains(&operands[place]))
            .collect();
        let sources: Vec<TensorId> = places.iter().map(|&p| self.node.operands[p]).collect();
        let contributions = self.graph.gradient_back_to(first, &seeded, &sources)?;
        for (place, contribution) in places.into_iter().zip(contributions) {
            self.operand(place, |_| Ok(contribution))?;
        }
        Ok(())
    }
}

/// conv_transpose2d with the output padding that gives the size of `large`.
fn transposed_to(
    graph: &mut Graph,
    large: TensorId,
    small: TensorId,
    weight: TensorId,
    window: crate::Window,
) -> Result<TensorId, GraphError> {
    let large = graph.shape(large).dims();
    let output_padding = window.output_padding([large[1], large[2]]);
    graph.conv_transpose2d(small, weight, window, output_padding)
}

/// Σ over all axes but the last, of shape \[C\].
fn sum_rows(graph: &mut Graph, x: TensorId) -> Result<TensorId, GraphError> {
    let (rank, channels) = (graph.shape(x).rank(), graph.shape(x).channels());
    let axes: Vec<usize> = (0..rank - 1).collect();
    let sum = graph.sum(x, &axes)?;
    graph.reshape(sum, &Shape::new(&[channels]))
}
