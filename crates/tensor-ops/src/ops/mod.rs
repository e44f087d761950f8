//! One file an op: from shapes and attributes to dispatches.

mod accumulate;
mod adam;
mod add;
mod batch_norm;
mod batch_norm_grad_gamma_beta;
mod batch_norm_grad_input;
mod batch_norm_running;
mod batch_norm_statistics;
mod bce_with_logits;
mod bce_with_logits_grad;
mod bias;
mod broadcast;
mod conv2d;
mod conv2d_grad_weight;
mod conv_transpose2d;
mod copy;
mod dense;
mod dense_grad_input;
mod dense_grad_weight;
mod dropout;
mod ema;
mod fill;
mod leaky_relu;
mod leaky_relu_grad;
mod multiply;
mod normal;
mod philox_bits;
mod pointwise;
mod product;
mod random;
mod reciprocal;
mod scale;
mod scale_pixels;
mod shared_tile;
mod sigmoid;
mod sigmoid_grad;
mod square_root;
mod sum;
mod tanh;
mod tanh_grad;
mod weight_product;

use crate::{Choices, Shader, Traits, Variant, launch::Launch, shaders::Constants};
use graph::{Graph, Kernel, Node, NodeId, Op, Schedule, TensorType, Window};

/// One kernel with the types of what it works on.
pub(crate) struct Call<'a> {
    pub(crate) op: &'a Op,
    /// Of the op's operands, then of the epilogue's bias.
    pub(crate) operands: Vec<&'a TensorType>,
    pub(crate) results: Vec<&'a TensorType>,
    pub(crate) has_bias: bool,
    /// Of the epilogue's LeakyReLU; 1 for none.
    pub(crate) slope: f32,
    pub(crate) traits: Traits,
    /// The variant that was chosen for it, if it is a product.
    pub(crate) chosen: Option<Variant>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        graph: &'a Graph,
        kernel: &Kernel,
        traits: Traits,
        choices: &Choices,
    ) -> Self {
        let types = |tensors: &[graph::TensorId]| -> Vec<&'a TensorType> {
            tensors.iter().map(|&tensor| graph.ty(tensor)).collect()
        };
        let node = graph.node(kernel.nodes[0]);
        Self {
            op: &node.op,
            operands: types(&kernel.operands(graph)),
            results: types(kernel.results(graph)),
            has_bias: kernel.epilogue.bias.is_some(),
            slope: kernel.epilogue.leaky_relu.unwrap_or(1.0),
            traits,
            chosen: product_name(graph, node).and_then(|name| choices.get(&name)),
        }
    }

    /// The dispatches of this kernel, in order.
    pub(crate) fn launches(&self) -> Vec<Launch> {
        match self.op {
            Op::Fill { .. } => fill::launches(self),
            Op::Copy => copy::launches(self),
            Op::Accumulate => accumulate::launches(self),
            Op::Add => add::launches(self),
            Op::Multiply => multiply::launches(self),
            Op::Scale { .. } => scale::launches(self),
            Op::Reciprocal => reciprocal::launches(self),
            Op::SquareRoot => square_root::launches(self),
            Op::Bias => bias::launches(self),
            Op::Sum { .. } => sum::launches(self),
            Op::Broadcast { .. } => broadcast::launches(self),
            Op::LeakyRelu { .. } => leaky_relu::launches(self),
            Op::LeakyReluGrad { .. } => leaky_relu_grad::launches(self),
            Op::Tanh => tanh::launches(self),
            Op::TanhGrad => tanh_grad::launches(self),
            Op::Sigmoid => sigmoid::launches(self),
            Op::SigmoidGrad => sigmoid_grad::launches(self),
            Op::Dropout { .. } => dropout::launches(self),
            Op::BceWithLogits { .. } => bce_with_logits::launches(self),
            Op::BceWithLogitsGrad { .. } => bce_with_logits_grad::launches(self),
            Op::PhiloxBits { .. } => philox_bits::launches(self),
            Op::Normal { .. } => normal::launches(self),
            Op::ScalePixels => scale_pixels::launches(self),
            Op::Dense => dense::launches(self),
            Op::DenseGradInput => dense_grad_input::launches(self),
            Op::DenseGradWeight => dense_grad_weight::launches(self),
            Op::Conv2d { .. } => conv2d::launches(self),
            Op::ConvTranspose2d { .. } => conv_transpose2d::launches(self),
            Op::Conv2dGradWeight { .. } => conv2d_grad_weight::launches(self),
            Op::BatchNormStatistics => batch_norm_statistics::launches(self),
            Op::BatchNorm { .. } => batch_norm::launches(self),
            Op::BatchNormGradGammaBeta { .. } => batch_norm_grad_gamma_beta::launches(self),
            Op::BatchNormGradInput { .. } => batch_norm_grad_input::launches(self),
            Op::BatchNormRunning { .. } => batch_norm_running::launches(self),
            Op::Adam { .. } => adam::launches(self),
            Op::Ema { .. } => ema::launches(self),
            Op::Input | Op::Constant(_) | Op::View { .. } | Op::Reshape => Vec::new(),
        }
    }

    /// The variants that this product can take on its adapter.
    fn variants(&self) -> Vec<Variant> {
        let extents = self.extents();
        self.traits.variants().filter(|&variant| product::fits(variant, extents)).collect()
    }

    /// The variant that this product takes.
    fn variant(&self) -> Variant {
        let variants = self.variants();
        let wanted = self.chosen.or(self.traits.variant);
        let fitting = wanted.filter(|variant| variants.contains(variant));
        fitting
            .unwrap_or_else(|| product::by_rule(&variants, self.extents(), self.traits.processor))
    }

    /// What decides which variants a product can take.
    fn extents(&self) -> product::Extents {
        let channels = |types: &[&TensorType], place: usize| types[place].shape.channels();
        let images = self.operands[0].shape.dims()[0];
        match self.op {
            Op::DenseGradWeight | Op::Conv2dGradWeight { .. } => {
                let patches = match *self.op {
                    Op::Conv2dGradWeight { window } => {
                        weight_product::has_patches(channels(&self.operands, 0), window)
                    }
                    _ => false,
                };
                let taps = if patches {
                    self.results[0].shape.elements()
                        / channels(&self.results, 0)
                        / channels(&self.operands, 0)
                } else {
                    1
                };
                let rows = channels(&self.operands, 0) * taps;
                let columns = channels(&self.operands, 1);
                let quads = rows.is_multiple_of(4) && columns.is_multiple_of(4) && !patches;
                let depth = self.operands[1].shape.elements() / columns;
                let narrowest = rows.min(columns);
                product::Extents {
                    rows,
                    columns,
                    narrowest,
                    depth,
                    round: images,
                    quads,
                    phases: false,
                }
            }
            _ => {
                let depth = channels(&self.operands, 0);
                let columns = channels(&self.results, 0);
                let quads = depth.is_multiple_of(4) && columns.is_multiple_of(4);
                product::Extents {
                    rows: images,
                    columns,
                    narrowest: columns,
                    depth,
                    round: depth,
                    quads,
                    phases: matches!(*self.op, Op::ConvTranspose2d { window, .. }
                        if conv_transpose2d::has_phases(columns, window)),
                }
            }
        }
    }

    /// The shader of this op from these parts.
    pub(crate) fn shader(&self, constants: Constants, parts: &[&'static str]) -> Shader {
        let Constants { text, variant } = constants;
        Shader {
            op: self.op.name(),
            variant,
            constants: text,
            parts: parts.to_vec(),
            entry_point: "main",
            bindings: Vec::new(),
            scalars: false,
            edit: None,
        }
    }
}

/// One dispatch of a plan as plain data: what tests of portability and of bounds look at.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// The op's node in the graph.
    pub node: NodeId,
    /// The text that runs.
    pub shader: Shader,
    /// Workgroups in x, y and z.
    pub workgroups: [u32; 3],
    /// Bytes of its uniform parameters.
    pub parameter_bytes: usize,
    /// Bytes of each scratch memory that it uses.
    pub scratch_bytes: Vec<usize>,
    /// An upper bound of the loop iterations of one invocation, as
    /// [`MAX_LOOP_ITERATIONS`](crate::MAX_LOOP_ITERATIONS) counts them.
    pub loop_iterations: u64,
}

/// Every dispatch of the plan of a graph on an adapter of these traits, phase by phase in order.
/// Needs no device.
pub fn dispatches_of(graph: &Graph, traits: Traits) -> Vec<Dispatch> {
    let kernels = Schedule::new(graph).phases.into_iter().flatten();
    let dispatches = kernels.flat_map(|kernel| {
        let launches = Call::new(graph, &kernel, traits, &Choices::default()).launches();
        launches.into_iter().map(move |launch| Dispatch {
            node: kernel.nodes[0],
            shader: launch.shader,
            workgroups: launch.workgroups,
            parameter_bytes: launch.params.len(),
            scratch_bytes: launch.scratch.iter().map(|elements| elements * 4).collect(),
            loop_iterations: launch.iterations,
        })
    });
    dispatches.collect()
}

/// Every shader that the plan of a graph uses on an adapter of these traits, in order of use.
/// Needs no device.
pub fn shaders_of(graph: &Graph, traits: Traits) -> Vec<Shader> {
    dispatches_of(graph, traits).into_iter().map(|dispatch| dispatch.shader).collect()
}

/// A product of a graph: what a variant is chosen for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its node in the graph.
    pub node: NodeId,
    /// Op, operands' shapes in memory order and window: what makes two products one.
    pub name: String,
    /// The variants that it can take; the one chosen by rule is the first.
    pub variants: Vec<Variant>,
}

/// Every product of a graph on an adapter of these traits, in order. Needs no device.
pub fn products_of(graph: &Graph, traits: Traits) -> Vec<Product> {
    let kernels = Schedule::new(graph).phases.into_iter().flatten();
    let products = kernels.filter_map(|kernel| {
        let node = kernel.nodes[0];
        let name = product_name(graph, graph.node(node))?;
        let call = Call::new(graph, &kernel, traits, &Choices::default());
        let by_rule = call.variant();
        let others = call.variants().into_iter().filter(|&variant| variant != by_rule);
        Some(Product { node, name, variants: [by_rule].into_iter().chain(others).collect() })
    });
    products.collect()
}

/// The name of a product; `None` for the other ops.
fn product_name(graph: &Graph, node: &Node) -> Option<String> {
    let window = match &node.op {
        Op::Dense | Op::DenseGradInput | Op::DenseGradWeight => None,
        Op::Conv2d { window }
        | Op::ConvTranspose2d { window, .. }
        | Op::Conv2dGradWeight { window } => Some(window),
        _ => return None,
    };
    let mut name = node.op.name().to_owned();
    for &tensor in node.operands.iter().chain(&node.results) {
        let dims: Vec<String> =
            graph.shape(tensor).dims().iter().map(ToString::to_string).collect();
        name.push(' ');
        name.push_str(&dims.join("x"));
    }
    if let Some(Window { stride: [y, x], padding, .. }) = window {
        let graph::Padding { top, left, .. } = padding;
        name.push_str(&format!(" stride {y}x{x} padding {top}x{left}"));
    }
    Some(name)
}

/// Four where a number of elements is a multiple of four, else one: how many an invocation takes.
pub(crate) fn lane_width(elements: usize) -> usize {
    if elements.is_multiple_of(4) { 4 } else { 1 }
}
