//! The graph: nodes in program order, tensors, storage and phases.

use crate::{GraphError, Op, Shape, TensorType, shape_rules};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// The position in the graph's list.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A node of a [`Graph`].
    NodeId;
    /// A tensor of a [`Graph`].
    TensorId;
    /// A phase of a [`Graph`].
    PhaseId;
    /// A persistent buffer of a [`Graph`].
    StorageId;
    /// A number that the host sets before each step.
    ScalarId;
}

/// The scalars that every graph has, in this order: what Philox draws from.
pub mod scalars {
    use super::ScalarId;

    /// Philox key word 0, u32.
    pub const SEED_LOW: ScalarId = ScalarId(0);
    /// Philox key word 1, u32.
    pub const SEED_HIGH: ScalarId = ScalarId(1);
    /// Philox counter word 2, u32: the training step.
    pub const STEP: ScalarId = ScalarId(2);
    /// The place of a batch's first sample in the whole batch, u32.
    pub const FIRST_SAMPLE: ScalarId = ScalarId(3);
}

/// One operation on tensors.
#[derive(Clone, Debug)]
pub struct Node {
    /// The operation.
    pub op: Op,
    /// Its operands, in the op's order.
    pub operands: Vec<TensorId>,
    /// Its results, in the op's order; none for an op that works in place.
    pub results: Vec<TensorId>,
    /// The phase that runs it.
    pub phase: PhaseId,
    /// Where it belongs, such as `g.main.3`, for people.
    pub scope: String,
}

/// A value of known type.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Element type and shape.
    pub ty: TensorType,
    /// The node that yields it.
    pub producer: NodeId,
}

/// A flat f32 buffer that lives from step to step: weights, moments, running statistics.
#[derive(Clone, Debug)]
pub struct Storage {
    /// Its name, unique in the graph.
    pub name: String,
    /// Its length in elements.
    pub elements: usize,
}

/// Operations in program order, divided into phases.
///
/// Order matters only to storage: a node reads a [`Op::View`] as the nodes before it left it. A
/// tensor made in one phase and used in a later one is handed over.
#[derive(Clone, Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    tensors: Vec<Tensor>,
    storages: Vec<Storage>,
    scalars: Vec<String>,
    phases: Vec<String>,
    outputs: Vec<TensorId>,
    scope: String,
}

impl Graph {
    /// An empty graph whose first phase has this name.
    pub fn new(first_phase: &str) -> Self {
        let scalars = ["seed_low", "seed_high", "step", "first_sample"];
        Self {
            nodes: Vec::new(),
            tensors: Vec::new(),
            storages: Vec::new(),
            scalars: scalars.map(str::to_owned).to_vec(),
            phases: vec![first_phase.to_owned()],
            outputs: Vec::new(),
            scope: String::new(),
        }
    }

    /// Lets the following nodes belong to a new phase.
    pub fn begin_phase(&mut self, name: &str) -> PhaseId {
        self.phases.push(name.to_owned());
        self.current_phase()
    }

    /// The phase that new nodes belong to.
    pub fn current_phase(&self) -> PhaseId {
        PhaseId(self.phases.len() as u32 - 1)
    }

    /// Names the place in the network that the following nodes belong to.
    pub fn set_scope(&mut self, scope: &str) {
        scope.clone_into(&mut self.scope);
    }

    /// Adds persistent storage of this many f32 elements, zero until the host writes it.
    pub fn storage(&mut self, name: &str, elements: usize) -> StorageId {
        self.storages.push(Storage { name: name.to_owned(), elements });
        StorageId(self.storages.len() as u32 - 1)
    }

    /// Adds a number that the host sets before each step.
    pub fn scalar(&mut self, name: &str) -> ScalarId {
        self.scalars.push(name.to_owned());
        ScalarId(self.scalars.len() as u32 - 1)
    }

    /// Keeps a tensor readable after the step.
    pub fn output(&mut self, tensor: TensorId) {
        if !self.outputs.contains(&tensor) {
            self.outputs.push(tensor);
        }
    }

    /// Adds a tensor that the host writes.
    ///
    /// # Errors
    /// [`GraphError::ZeroSized`] if it has no elements.
    pub fn input(&mut self, ty: TensorType) -> Result<TensorId, GraphError> {
        Ok(self.push_typed(Op::Input, &[], vec![ty])?[0])
    }

    /// Adds an op whose results' types follow from its operands. The builder methods are easier to
    /// read at a call site; this is for code that treats ops as data.
    ///
    /// # Errors
    /// If the operands or attributes do not fit the op.
    pub fn push(&mut self, op: Op, operands: &[TensorId]) -> Result<Vec<TensorId>, GraphError> {
        let types: Vec<TensorType> = operands.iter().map(|&t| self.ty(t).clone()).collect();
        let results = shape_rules::infer(&op, &types)?;
        for &place in op.in_place_operands() {
            let is_view = matches!(self.producer(self.root(operands[place])).op, Op::View { .. });
            shape_rules::check(is_view, || GraphError::Operands {
                op: op.name(),
                needs: "a view of storage as the operand that it changes in place",
                found: vec![types[place].clone()],
            })?;
        }
        self.check_aliases(&op, operands)?;
        self.push_typed(op, operands, results)
    }

    /// Refuses an op that changes storage in place and reads the same storage through another
    /// operand: no executor could bind one buffer both ways.
    fn check_aliases(&self, op: &Op, operands: &[TensorId]) -> Result<(), GraphError> {
        let storage = |place: usize| match self.producer(self.root(operands[place])).op {
            Op::View { storage, .. } => Some(storage),
            _ => None,
        };
        let in_place = op.in_place_operands();
        let clash = in_place.iter().any(|&changed| {
            (0..operands.len()).any(|other| {
                let same = storage(other) == storage(changed);
                let read = !in_place.contains(&other);
                same && other != changed && (read || operands[other] == operands[changed])
            })
        });
        shape_rules::check(!clash, || GraphError::Operands {
            op: op.name(),
            needs: "what it changes in place in another storage than what it reads",
            found: operands.iter().map(|&operand| self.ty(operand).clone()).collect(),
        })
    }

    /// Adds an op whose one result's type is given, as its operands do not determine it.
    pub(crate) fn push_typed(
        &mut self,
        op: Op,
        operands: &[TensorId],
        types: Vec<TensorType>,
    ) -> Result<Vec<TensorId>, GraphError> {
        if let Some(empty) = types.iter().find(|ty| ty.shape.elements() == 0) {
            return Err(GraphError::ZeroSized { op: op.name(), shape: empty.shape.clone() });
        }
        let producer = NodeId(self.nodes.len() as u32);
        let first = self.tensors.len();
        self.tensors.extend(types.into_iter().map(|ty| Tensor { ty, producer }));
        let results: Vec<TensorId> =
            (first..self.tensors.len()).map(|index| TensorId(index as u32)).collect();
        self.nodes.push(Node {
            op,
            operands: operands.to_vec(),
            results: results.clone(),
            phase: self.current_phase(),
            scope: self.scope.clone(),
        });
        Ok(results)
    }

    /// A tensor's element type and shape.
    pub fn ty(&self, tensor: TensorId) -> &TensorType {
        &self.tensors[tensor.index()].ty
    }

    /// A tensor's shape.
    pub fn shape(&self, tensor: TensorId) -> &Shape {
        &self.ty(tensor).shape
    }

    /// The node that yields a tensor.
    pub fn producer(&self, tensor: TensorId) -> &Node {
        self.node(self.tensors[tensor.index()].producer)
    }

    /// A node.
    pub fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.index()]
    }

    /// All nodes with their ids, in program order.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeId(index as u32), node))
    }

    /// All tensors, in order of their ids.
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// All storages, in order of their ids.
    pub fn storages(&self) -> &[Storage] {
        &self.storages
    }

    /// The names of all scalars, in order of their ids.
    pub fn scalar_names(&self) -> &[String] {
        &self.scalars
    }

    /// The names of all phases, in the order of a step.
    pub fn phases(&self) -> impl Iterator<Item = (PhaseId, &str)> {
        self.phases.iter().enumerate().map(|(index, name)| (PhaseId(index as u32), name.as_str()))
    }

    /// The tensors kept readable after the step.
    pub fn outputs(&self) -> &[TensorId] {
        &self.outputs
    }

    /// The tensor whose memory this one shares: itself, or what it was reshaped from.
    pub fn root(&self, mut tensor: TensorId) -> TensorId {
        while let Node { op: Op::Reshape, operands, .. } = self.producer(tensor) {
            tensor = operands[0];
        }
        tensor
    }
}
