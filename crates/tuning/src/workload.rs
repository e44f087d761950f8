//! What there is to choose for: the different products of a training step.

use crate::trilinear::Trilinear;
use graph::{Graph, GraphError, Op, PhaseId, Shape, TensorId, TensorType};
use tensor_ops::{Dispatch, Shader, Traits, Variant, dispatches_of, products_of};

/// A product of a step, however often it is done there.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its name, as [`products_of`] gives it and [`Choices`](tensor_ops::Choices) take it.
    pub name: String,
    /// The variants that the adapter can run it in; the one chosen by rule is the first.
    pub variants: Vec<Variant>,
    /// How often it is done.
    pub uses: usize,
    op: Op,
    operands: [Shape; 2],
    result: Shape,
    form: Trilinear,
}

/// A product as a graph of its own.
#[derive(Clone, Debug)]
pub(crate) struct Alone {
    pub(crate) graph: Graph,
    pub(crate) phase: PhaseId,
    pub(crate) operands: [TensorId; 2],
    pub(crate) result: TensorId,
}

/// The different products of graphs on an adapter of these traits, the most work first.
pub fn workloads(graphs: &[&Graph], traits: Traits) -> Vec<Workload> {
    let mut found: Vec<Workload> = Vec::new();
    for graph in graphs {
        for product in products_of(graph, traits) {
            if let Some(known) = found.iter_mut().find(|known| known.name == product.name) {
                known.uses += 1;
                continue;
            }
            let node = graph.node(product.node);
            let ([a, b], [result]) = (&node.operands[..], &node.results[..]) else { continue };
            let [a, b, result] = [a, b, result].map(|&tensor| graph.shape(tensor).clone());
            let (name, variants, op) = (product.name, product.variants, node.op.clone());
            if let Some(form) = Trilinear::of(&op, [&a, &b], &result) {
                let operands = [a, b];
                found.push(Workload { name, variants, uses: 1, op, operands, result, form });
            }
        }
    }
    found.sort_by_key(|workload| std::cmp::Reverse(workload.flop() * workload.uses as u64));
    found
}

impl Workload {
    /// Floating-point operations of doing it once, without taps on padding.
    pub fn flop(&self) -> u64 {
        self.form.flop()
    }

    /// The variant that is chosen by rule.
    pub fn by_rule(&self) -> Variant {
        self.variants[0]
    }

    /// CRC-32 of all that its variants consist of on an adapter of these traits: shader texts,
    /// workgroups, memory. Whoever measured other kernels measured something else.
    ///
    /// # Errors
    /// If the product is no valid graph, which one out of a graph always is.
    pub fn fingerprint(&self, traits: Traits) -> Result<u32, GraphError> {
        let mut checksum = crc32fast::Hasher::new();
        for &variant in &self.variants {
            checksum.update(variant.name().as_bytes());
            for Dispatch { shader, workgroups, scratch_bytes, .. } in
                self.dispatches(variant, traits)?
            {
                checksum.update(shader.source().as_bytes());
                checksum.update(format!("{workgroups:?} {scratch_bytes:?}").as_bytes());
            }
        }
        Ok(checksum.finalize())
    }

    /// The shaders that it runs in a variant.
    pub(crate) fn shaders(
        &self,
        variant: Variant,
        traits: Traits,
    ) -> Result<Vec<Shader>, GraphError> {
        let dispatches = self.dispatches(variant, traits)?;
        Ok(dispatches.into_iter().map(|dispatch| dispatch.shader).collect())
    }

    fn dispatches(&self, variant: Variant, traits: Traits) -> Result<Vec<Dispatch>, GraphError> {
        Ok(dispatches_of(&self.graph()?, traits.with_variant(variant)))
    }

    /// The op.
    pub fn op(&self) -> &Op {
        &self.op
    }

    /// A graph of it alone.
    ///
    /// # Errors
    /// If it is no valid graph, which a product out of a graph always is.
    pub fn graph(&self) -> Result<Graph, GraphError> {
        Ok(self.alone()?.graph)
    }

    /// The images that it is done on.
    pub(crate) fn images(&self) -> usize {
        self.operands[0].dims()[0]
    }

    /// The same product on another number of images.
    pub(crate) fn of_images(&self, images: usize) -> Self {
        let with = |shape: &Shape| {
            let mut dims = shape.dims().to_vec();
            dims[0] = images;
            Shape::new(&dims)
        };
        let [a, b] = &self.operands;
        let weights = matches!(self.op, Op::DenseGradWeight | Op::Conv2dGradWeight { .. });
        let operands = [with(a), if weights { with(b) } else { b.clone() }];
        let result = if weights { self.result.clone() } else { with(&self.result) };
        let form = Trilinear::of(&self.op, operands.each_ref(), &result);
        let form = form.unwrap_or_else(|| self.form.clone());
        Self { operands, result, form, ..self.clone() }
    }

    pub(crate) fn operands(&self) -> &[Shape; 2] {
        &self.operands
    }

    pub(crate) fn result(&self) -> &Shape {
        &self.result
    }

    pub(crate) fn form(&self) -> &Trilinear {
        &self.form
    }

    /// A graph of this product alone.
    pub(crate) fn alone(&self) -> Result<Alone, GraphError> {
        let mut graph = Graph::new("product");
        let phase = graph.current_phase();
        let [a, b] = &self.operands;
        let a = graph.input(TensorType::f32(a.dims()))?;
        let b = graph.input(TensorType::f32(b.dims()))?;
        let result = graph.push(self.op.clone(), &[a, b])?[0];
        graph.output(result);
        Ok(Alone { graph, phase, operands: [a, b], result })
    }
}
