//! A training step taken apart into its different kernels, each as a graph of its own.

use crate::{numbers::Numbers, work::Work};
use graph::{
    Graph, GraphError, Kernel, Node, Op, ScalarId, Schedule, StorageId, TensorId, TensorType,
    Window,
};
use std::collections::HashMap;
use tensor_ops::{Gpu, Plan, PlanError, PlanOptions};

/// One kernel of a training step with its epilogue, alone.
#[derive(Clone, Debug)]
pub struct LayerKernel {
    /// The op's name.
    pub op: &'static str,
    /// The ops of its epilogue.
    pub fused: Vec<&'static str>,
    /// The shapes of its operands, an arrow, those of its results, and a window's stride and
    /// padding, such as `64x28x28x1 5x5x1x16 16 > 64x14x14x16 s2 p2`. Each is in memory order; what
    /// is changed in place is an operand.
    pub shapes: String,
    /// The phase that runs the first of them.
    pub phase: String,
    /// Where in the networks the first of them belongs.
    pub scope: String,
    /// How many of them the step runs.
    pub count: usize,
    /// What one of them must do.
    pub work: Work,
    /// The op and its epilogue on inputs and storage of their own.
    pub graph: Graph,
    inputs: Vec<(TensorId, Numbers)>,
    storages: Vec<(StorageId, Numbers)>,
    scalars: Vec<ScalarId>,
}

/// The different kernels of a graph in the order of their first use, as the schedule fuses them.
///
/// # Errors
/// If the graph has an op that cannot stand alone.
pub fn kernels(graph: &Graph) -> Result<Vec<LayerKernel>, GraphError> {
    let mut kernels: Vec<LayerKernel> = Vec::new();
    let mut known: HashMap<(&str, Vec<&str>, String), usize> = HashMap::new();
    for kernel in Schedule::new(graph).phases.iter().flatten() {
        let op = graph.node(kernel.nodes[0]).op.name();
        let fused = kernel.nodes[1..].iter().map(|&node| graph.node(node).op.name()).collect();
        let key = (op, fused, shapes(graph, kernel));
        if let Some(&place) = known.get(&key) {
            kernels[place].count += 1;
        } else {
            kernels.push(LayerKernel::new(graph, kernel)?);
            known.insert(key, kernels.len() - 1);
        }
    }
    Ok(kernels)
}

/// Rows and columns of the matrices of [`square_product`].
pub const SQUARE: usize = 512;

/// The product of two matrices of 512 x 512, by which adapters and programs are often compared.
///
/// # Errors
/// None, as the shapes fit.
pub fn square_product() -> Result<LayerKernel, GraphError> {
    let mut graph = Graph::new("product");
    let square = TensorType::f32(&[SQUARE, SQUARE]);
    let [a, b] = [graph.input(square.clone())?, graph.input(square)?];
    let product = graph.dense(a, b)?;
    graph.output(product);
    LayerKernel::new(&graph, &Schedule::new(&graph).phases[0][0])
}

impl LayerKernel {
    fn new(graph: &Graph, kernel: &Kernel) -> Result<Self, GraphError> {
        let first = graph.node(kernel.nodes[0]);
        let phase = graph.phases().find(|(phase, _)| *phase == first.phase);
        let mut alone = Alone::new(graph, first);
        alone.push(graph, kernel)?;
        let Alone { graph: single, inputs, storages, scalars } = alone;
        Ok(Self {
            op: first.op.name(),
            fused: kernel.nodes[1..].iter().map(|&node| graph.node(node).op.name()).collect(),
            shapes: shapes(graph, kernel),
            phase: phase.map(|(_, name)| name.to_owned()).unwrap_or_default(),
            scope: first.scope.clone(),
            count: 1,
            work: Work::of(graph, kernel),
            graph: single,
            inputs,
            storages,
            scalars,
        })
    }

    /// Whether it is a matrix product or a convolution.
    pub fn is_product(&self) -> bool {
        is_product(self.op)
    }

    /// Makes it ready for a device, on plausible numbers.
    ///
    /// # Errors
    /// As [`Plan::compile`].
    pub async fn compile(&self, gpu: &Gpu, options: PlanOptions) -> Result<Plan, PlanError> {
        let mut plan = Plan::compile_with(gpu, &self.graph, options).await?;
        for &(input, numbers) in &self.inputs {
            plan.write_input(input, &numbers.bytes(self.graph.ty(input)));
        }
        for &(storage, numbers) in &self.storages {
            let elements = self.graph.storages()[storage.index()].elements;
            plan.write_storage(storage, &numbers.values(elements));
        }
        for &scalar in &self.scalars {
            plan.set_scalar(scalar, RATE.to_bits());
        }
        Ok(plan)
    }
}

/// Whether the op of this name is a matrix product or a convolution.
pub fn is_product(op: &str) -> bool {
    op.starts_with("dense") || op.starts_with("conv")
}

/// What every scalar behind the seeds holds: small, as a learning rate is.
const RATE: f32 = 1e-3;

/// The scalars of [`graph::scalars`], which are integers.
const SEEDS: usize = 4;

/// A kernel's graph while it is built.
struct Alone {
    graph: Graph,
    inputs: Vec<(TensorId, Numbers)>,
    storages: Vec<(StorageId, Numbers)>,
    scalars: Vec<ScalarId>,
}

impl Alone {
    fn new(graph: &Graph, first: &Node) -> Self {
        let mut single = Graph::new("kernel");
        single.set_scope(&first.scope);
        // An op names its scalars by number.
        let scalars = graph.scalar_names().iter().skip(SEEDS);
        let scalars = scalars.map(|name| single.scalar(name)).collect();
        Self { graph: single, inputs: Vec::new(), storages: Vec::new(), scalars }
    }

    fn push(&mut self, graph: &Graph, kernel: &Kernel) -> Result<(), GraphError> {
        let first = graph.node(kernel.nodes[0]);
        let mut own: HashMap<TensorId, TensorId> = HashMap::new();
        let mut operands = Vec::new();
        for (place, operand) in first.operands.iter().enumerate() {
            let numbers = Numbers::of_operand(&first.op, place);
            let tensor = match own.get(operand) {
                Some(&tensor) => tensor,
                None if first.op.in_place_operands().contains(&place) => {
                    self.in_place(graph, *operand, numbers)?
                }
                None => self.input(graph, *operand, numbers)?,
            };
            own.insert(*operand, tensor);
            operands.push(tensor);
        }
        let mut results = self.first(graph, first, &operands)?;
        for &node in &kernel.nodes[1..] {
            let node = graph.node(node);
            let mut operands = results;
            for &operand in &node.operands[1..] {
                operands.push(self.input(graph, operand, Numbers::Spread)?);
            }
            results = self.graph.push(node.op.clone(), &operands)?;
        }
        for result in results {
            self.graph.output(result);
        }
        Ok(())
    }

    fn first(
        &mut self,
        graph: &Graph,
        node: &Node,
        operands: &[TensorId],
    ) -> Result<Vec<TensorId>, GraphError> {
        // What an op without operands yields does not follow from them.
        let result = || graph.shape(node.results[0]);
        Ok(match node.op {
            Op::Fill { value } => vec![self.graph.fill(value, result())?],
            Op::Normal { stream } => vec![self.graph.normal(result(), stream)?],
            Op::PhiloxBits { stream, first_block } => {
                vec![self.graph.philox_bits(result(), stream, first_block)?]
            }
            _ => self.graph.push(node.op.clone(), operands)?,
        })
    }

    fn input(
        &mut self,
        graph: &Graph,
        operand: TensorId,
        numbers: Numbers,
    ) -> Result<TensorId, GraphError> {
        let input = self.graph.input(graph.ty(operand).clone())?;
        self.inputs.push((input, numbers));
        Ok(input)
    }

    fn in_place(
        &mut self,
        graph: &Graph,
        operand: TensorId,
        numbers: Numbers,
    ) -> Result<TensorId, GraphError> {
        let shape = graph.shape(operand);
        let name = format!("operand {}", self.storages.len());
        let storage = self.graph.storage(&name, shape.elements());
        self.storages.push((storage, numbers));
        self.graph.view(storage, 0, shape)
    }
}

fn shapes(graph: &Graph, kernel: &Kernel) -> String {
    let list = |tensors: &[TensorId]| {
        let names = tensors.iter().map(|&tensor| {
            let dims: Vec<String> =
                graph.shape(tensor).dims().iter().map(ToString::to_string).collect();
            dims.join("x")
        });
        names.collect::<Vec<_>>().join(" ")
    };
    let (operands, results) = (kernel.operands(graph), kernel.results(graph));
    let mut shapes = match (operands.is_empty(), results.is_empty()) {
        (false, false) => format!("{} > {}", list(&operands), list(results)),
        (true, _) => list(results),
        (false, true) => list(&operands),
    };
    if let Op::Conv2d { window }
    | Op::ConvTranspose2d { window, .. }
    | Op::Conv2dGradWeight { window } = graph.node(kernel.nodes[0]).op
    {
        shapes.push(' ');
        shapes.push_str(&window_name(&window));
    }
    shapes
}

/// Stride and padding, in short where all sides have the same.
fn window_name(window: &Window) -> String {
    let ([stride, _], padding) = (window.stride, window.padding.top);
    if *window == (Window { kernel: window.kernel, ..Window::square(1, stride, padding) }) {
        format!("s{stride} p{padding}")
    } else {
        window.to_string()
    }
}

#[cfg(test)]
mod tests;
