//! What runs when, fused how, and where each tensor lives: plain data for any executor.

use crate::{Graph, NodeId, Op, StorageId, TensorId, liveness};
use std::collections::HashSet;

/// What a kernel does to its result before writing it, in this order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Epilogue {
    /// Adds this vector \[C\].
    pub bias: Option<TensorId>,
    /// Applies LeakyReLU of this slope.
    pub leaky_relu: Option<f32>,
}

/// One or more nodes that run as one.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// The nodes in program order. The first is the op, the rest its epilogue.
    pub nodes: Vec<NodeId>,
    /// The rest as data.
    pub epilogue: Epilogue,
}

impl Kernel {
    /// What it reads or changes in place: the op's operands, then the epilogue's bias.
    pub fn operands(&self, graph: &Graph) -> Vec<TensorId> {
        let mut operands = graph.node(self.nodes[0]).operands.clone();
        operands.extend(self.epilogue.bias);
        operands
    }

    /// What it yields.
    pub fn results<'a>(&self, graph: &'a Graph) -> &'a [TensorId] {
        &graph.node(self.last()).results
    }

    pub(crate) fn last(&self) -> NodeId {
        self.nodes[self.nodes.len() - 1]
    }
}

/// Where a tensor lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// At the start of a pooled buffer, by its index.
    Buffer(usize),
    /// In persistent storage.
    Storage {
        /// The storage.
        storage: StorageId,
        /// The first element.
        offset: usize,
    },
}

/// Memory that several tensors may use, one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PooledBuffer {
    /// Bytes of the largest tensor in it.
    pub bytes: usize,
}

/// Order, fusion and memory of a graph.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// For each phase, what it runs, in order. Nodes that nothing needs are left out.
    pub phases: Vec<Vec<Kernel>>,
    /// The pooled buffers.
    pub buffers: Vec<PooledBuffer>,
    /// What all tensors in pooled buffers would take without sharing, in bytes.
    pub unshared_bytes: usize,
    /// The greatest sum of bytes of tensors that are needed at one time: no assignment can take
    /// less.
    pub least_bytes: usize,
    placements: Vec<Option<Placement>>,
}

impl Schedule {
    /// Decides for a graph.
    pub fn new(graph: &Graph) -> Self {
        let needed = needed(graph);
        let mut phases: Vec<Vec<Kernel>> = vec![Vec::new(); graph.phases().count()];
        for kernel in fuse(graph, &needed) {
            phases[graph.node(kernel.nodes[0]).phase.index()].push(kernel);
        }
        liveness::place(graph, phases)
    }

    pub(crate) fn from_parts(
        phases: Vec<Vec<Kernel>>,
        buffers: Vec<PooledBuffer>,
        [unshared_bytes, least_bytes]: [usize; 2],
        placements: Vec<Option<Placement>>,
    ) -> Self {
        Self { phases, buffers, unshared_bytes, least_bytes, placements }
    }

    /// Where a tensor lives; `None` for one that is never in memory, as it is fused or not needed.
    pub fn placement(&self, graph: &Graph, tensor: TensorId) -> Option<Placement> {
        self.placements[graph.root(tensor).index()]
    }
}

/// Which nodes a storage or an output depends on.
fn needed(graph: &Graph) -> Vec<bool> {
    let outputs: HashSet<TensorId> = graph.outputs().iter().map(|&t| graph.root(t)).collect();
    let mut needed = vec![false; graph.nodes().count()];
    for (id, node) in graph.nodes().rev() {
        let wanted = needed[id.index()]
            || !node.op.in_place_operands().is_empty()
            || node.results.iter().any(|result| outputs.contains(result));
        needed[id.index()] = wanted;
        if wanted {
            for &operand in &node.operands {
                needed[graph.tensors()[operand.index()].producer.index()] = true;
            }
        }
    }
    needed
}

/// The needed kernels in program order, epilogues joined to their op.
fn fuse(graph: &Graph, needed: &[bool]) -> Vec<Kernel> {
    let mut uses = vec![0usize; graph.tensors().len()];
    for (_, node) in graph.nodes().filter(|(id, _)| needed[id.index()]) {
        for operand in &node.operands {
            uses[operand.index()] += 1;
        }
    }
    for output in graph.outputs() {
        uses[graph.root(*output).index()] += 1;
    }
    let mut kernels: Vec<Kernel> = Vec::new();
    for (id, node) in graph.nodes().filter(|(id, node)| needed[id.index()] && node.op.is_kernel()) {
        let joined = kernels.last_mut().is_some_and(|kernel: &mut Kernel| {
            let last = graph.node(kernel.last());
            // Only neighbours fuse, so that nothing in between can change what the op reads.
            let follows = last.phase == node.phase
                && last.results.len() == 1
                && node.operands.first() == last.results.first()
                && uses[last.results[0].index()] == 1;
            follows && join(graph, kernel, id)
        });
        if !joined {
            kernels.push(Kernel { nodes: vec![id], epilogue: Epilogue::default() });
        }
    }
    kernels
}

/// Adds a node to a kernel's epilogue, if the kernel has room for it.
fn join(graph: &Graph, kernel: &mut Kernel, id: NodeId) -> bool {
    let node = graph.node(id);
    let product = match graph.node(kernel.nodes[0]).op {
        Op::Dense | Op::Conv2d { .. } | Op::ConvTranspose2d { .. } => true,
        Op::BatchNorm { .. } => false,
        _ => return false,
    };
    let Epilogue { bias, leaky_relu } = &mut kernel.epilogue;
    match node.op {
        Op::Bias if product && bias.is_none() && leaky_relu.is_none() => {
            *bias = Some(node.operands[1]);
        }
        Op::LeakyRelu { slope } if leaky_relu.is_none() => *leaky_relu = Some(slope),
        _ => return false,
    }
    kernel.nodes.push(id);
    true
}
