//! What the benches share: the adapter, and the convolutions of the presets.

use gan::{
    networks::{Networks, Preset},
    options::TrainOptions,
    step::TrainingStep,
};
use graph::{Graph, Node, Op, TensorId, Window};
use tensor_ops::{Gpu, Plan, adapters};

/// The adapter that `auto` would take, opened.
///
/// # Panics
/// If there is none: a bench without a device measures nothing.
pub fn gpu() -> Gpu {
    let adapters = pollster::block_on(adapters());
    let adapter =
        adapters.first().expect("an adapter; `cargo xtask setup` installs a software one");
    let gpu = pollster::block_on(adapter.open()).expect("the adapter opens");
    println!("adapter: {} ({}, {})", adapter.name(), adapter.backend(), adapter.driver());
    gpu
}

/// The training step of a preset on its usual data.
///
/// # Panics
/// If the preset is not sound.
pub fn training_step(preset: Preset, batch: usize) -> TrainingStep {
    let channels = if preset.takes_channels(3) { 3 } else { 1 };
    let networks = Networks::new(preset, channels).expect("a preset");
    let options = TrainOptions { batch, ..TrainOptions::new(preset, channels) };
    TrainingStep::new(&networks, &options).expect("a preset")
}

/// One product of a training step, alone.
pub struct Kernel {
    /// The op, and its operands' shapes.
    pub name: String,
    /// The op's name.
    pub op: &'static str,
    /// Multiplications and additions that count: no taps on padding.
    pub flops: u64,
    /// The graph of it.
    pub graph: Graph,
}

/// Every different product of a preset's training step.
///
/// # Panics
/// If the preset is not sound.
pub fn products(preset: Preset, batch: usize) -> Vec<Kernel> {
    let step = training_step(preset, batch);
    let mut kernels: Vec<Kernel> = Vec::new();
    for (_, node) in step.graph.nodes() {
        let Some(flops) = useful_flops(&step.graph, node) else { continue };
        let shapes: Vec<String> =
            node.operands.iter().map(|&operand| shape_name(&step.graph, operand)).collect();
        let name = format!("{preset}/{}", shapes.join("_"));
        if !kernels.iter().any(|kernel| kernel.name == name && kernel.op == node.op.name()) {
            let graph = alone(&step.graph, node);
            kernels.push(Kernel { name, op: node.op.name(), flops, graph });
        }
    }
    kernels
}

/// A plan of a graph.
///
/// # Panics
/// If the device cannot run it.
pub fn plan(gpu: &Gpu, graph: &Graph) -> Plan {
    pollster::block_on(Plan::compile(gpu, graph)).expect("the device runs it")
}

/// Runs the plan's first phase to its end.
///
/// # Panics
/// If the device fails.
pub fn run(plan: &mut Plan, graph: &Graph) {
    let phases: Vec<_> = graph.phases().map(|(phase, _)| phase).collect();
    pollster::block_on(async {
        plan.run(&phases).await.expect("the device runs it");
        plan.finish().await.expect("the device runs it");
    });
}

fn shape_name(graph: &Graph, tensor: TensorId) -> String {
    let dims: Vec<String> = graph.shape(tensor).dims().iter().map(ToString::to_string).collect();
    dims.join("x")
}

/// The same op on inputs of the same types.
fn alone(graph: &Graph, node: &Node) -> Graph {
    let mut single = Graph::new("bench");
    let operands: Vec<TensorId> = node
        .operands
        .iter()
        .map(|&operand| single.input(graph.ty(operand).clone()).expect("a type of the graph"))
        .collect();
    let results = single.push(node.op.clone(), &operands).expect("an op of the graph");
    single.output(results[0]);
    single
}

/// Two for each multiplication of a product, or `None` for other ops.
fn useful_flops(graph: &Graph, node: &Node) -> Option<u64> {
    let dims = |tensor: TensorId| graph.shape(tensor).dims().to_vec();
    let (large, window, small) = match node.op {
        Op::Dense | Op::DenseGradInput => {
            let (a, c) = (dims(node.operands[0]), dims(node.results[0]));
            return Some(2 * (a[0] * a[1] * c[1]) as u64);
        }
        Op::DenseGradWeight => {
            let (a, c) = (dims(node.operands[0]), dims(node.results[0]));
            return Some(2 * (a[0] * c[0] * c[1]) as u64);
        }
        Op::Conv2d { window } => (node.operands[0], window, node.results[0]),
        Op::ConvTranspose2d { window, .. } => (node.results[0], window, node.operands[0]),
        Op::Conv2dGradWeight { window } => (node.operands[0], window, node.operands[1]),
        _ => return None,
    };
    let (large, small) = (dims(large), dims(small));
    let taps: usize =
        (0..2).map(|axis| axis_taps(&window, axis, large[axis + 1], small[axis + 1])).product();
    Some(2 * (large[0] * taps * large[3] * small[3]) as u64)
}

/// Pairs of a place of the small image and a tap that fall on the large one, along an axis.
fn axis_taps(window: &Window, axis: usize, large: usize, small: usize) -> usize {
    let padding = [window.padding.top, window.padding.left][axis];
    let on_image = |place: usize, tap: usize| {
        (padding..large + padding).contains(&(place * window.stride[axis] + tap))
    };
    (0..small).map(|p| (0..window.kernel[axis]).filter(|&tap| on_image(p, tap)).count()).sum()
}
