//! A whole graph, node by node in program order.

use crate::{Real, Values, evaluate};
use graph::{Graph, NodeId, Op, PhaseId, ScalarId, Schedule, StorageId, TensorId, TensorType};
use std::{borrow::Cow, collections::HashSet};

/// Runs a [`Graph`] in `T`.
///
/// It takes from the [`Schedule`] which nodes anything needs, and nothing else: no fusion and no
/// sharing of memory, so that it can tell whether those are right. A value is freed after its last
/// use, unless it is an output, or another phase uses it.
#[derive(Clone, Debug)]
pub struct Interpreter<T> {
    graph: Graph,
    /// For each phase, the nodes to run, with the tensors that can be freed after each.
    phases: Vec<Vec<(NodeId, Vec<TensorId>)>>,
    /// By tensor; only roots that are no views have values.
    values: Vec<Option<Values<T>>>,
    storages: Vec<Vec<T>>,
    scalars: Vec<u32>,
}

/// Why a phase could not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterpretError {
    /// There is no such phase.
    #[error("phase {phase} was asked for, but the graph has {phases}")]
    UnknownPhase {
        /// The phase's index.
        phase: usize,
        /// How many there are.
        phases: usize,
    },
    /// An input has other elements than its type says.
    #[error("input {tensor} is {needed}, but {elements} elements of {dtype} were written to it")]
    Input {
        /// The input's index.
        tensor: usize,
        /// Its type.
        needed: TensorType,
        /// How many elements were written.
        elements: usize,
        /// Of which type.
        dtype: graph::DType,
    },
    /// A storage has another length.
    #[error("storage `{storage}` has {needed} elements, but {elements} were written to it")]
    Storage {
        /// The storage's name.
        storage: String,
        /// Its length.
        needed: usize,
        /// How many elements were written.
        elements: usize,
    },
    /// A node reads a tensor that nothing has made: an input not written, or a result of a phase
    /// that has not run.
    #[error("{op} `{scope}` reads tensor {tensor} ({made_by} `{made_in}`), which has no value yet")]
    NoValue {
        /// The reader's op.
        op: &'static str,
        /// The reader's scope.
        scope: String,
        /// The tensor's index.
        tensor: usize,
        /// The op that makes it.
        made_by: &'static str,
        /// The phase that makes it.
        made_in: String,
    },
}

impl<T: Real> Interpreter<T> {
    /// An interpreter whose storage and scalars are zero.
    pub fn new(graph: Graph) -> Self {
        let values = graph
            .tensors()
            .iter()
            .map(|tensor| match &graph.node(tensor.producer).op {
                Op::Constant(values) => Some(Values::from_f32(values)),
                _ => None,
            })
            .collect();
        Self {
            phases: plan(&graph),
            values,
            storages: graph.storages().iter().map(|s| vec![T::zero(); s.elements]).collect(),
            scalars: vec![0; graph.scalar_names().len()],
            graph,
        }
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Replaces a whole storage; [`Interpreter::run`] checks its length.
    pub fn write_storage(&mut self, storage: StorageId, values: &[T]) {
        self.storages[storage.index()] = values.to_vec();
    }

    /// A whole storage as it is now.
    pub fn storage(&self, storage: StorageId) -> &[T] {
        &self.storages[storage.index()]
    }

    /// Sets an input, for this and later runs; [`Interpreter::run`] checks its type.
    pub fn write_input(&mut self, input: TensorId, values: Values<T>) {
        self.values[input.index()] = Some(values);
    }

    /// Sets a scalar, a u32 or the bits of an f32, for this and later runs.
    pub fn set_scalar(&mut self, scalar: ScalarId, bits: u32) {
        self.scalars[scalar.index()] = bits;
    }

    /// Runs these phases, one after another.
    ///
    /// # Errors
    /// [`InterpretError`] if a phase does not exist, if what was written to an input or a storage
    /// does not fit it, or if a phase needs a value that nothing has made.
    pub fn run(&mut self, phases: &[PhaseId]) -> Result<(), InterpretError> {
        self.check_written()?;
        for phase in phases.iter().map(|phase| phase.index()) {
            let unknown = InterpretError::UnknownPhase { phase, phases: self.phases.len() };
            for step in 0..self.phases.get(phase).ok_or(unknown)?.len() {
                self.run_node(self.phases[phase][step].0)?;
                for tensor in &self.phases[phase][step].1 {
                    self.values[tensor.index()] = None;
                }
            }
        }
        for output in self.graph.outputs() {
            let root = self.graph.root(*output);
            if let Some(slice) = self.slice(root) {
                self.values[root.index()] = Some(Values::Real(slice.to_vec()));
            }
        }
        Ok(())
    }

    /// An input, a constant, an output, or what one phase hands to another, as it was left;
    /// `None` for other tensors, and before they are made. A view that is an output is as the last
    /// run left it.
    pub fn value(&self, tensor: TensorId) -> Option<&Values<T>> {
        self.values[self.graph.root(tensor).index()].as_ref()
    }

    fn check_written(&self) -> Result<(), InterpretError> {
        for (storage, values) in self.graph.storages().iter().zip(&self.storages) {
            if storage.elements != values.len() {
                return Err(InterpretError::Storage {
                    storage: storage.name.clone(),
                    needed: storage.elements,
                    elements: values.len(),
                });
            }
        }
        for (tensor, values) in self.values.iter().enumerate() {
            let Some(values) = values else { continue };
            let needed = &self.graph.tensors()[tensor].ty;
            let (elements, dtype) = (values.elements(), values.dtype());
            if needed.dtype != dtype || needed.shape.elements() != elements {
                let needed = needed.clone();
                return Err(InterpretError::Input { tensor, needed, elements, dtype });
            }
        }
        Ok(())
    }

    fn run_node(&mut self, id: NodeId) -> Result<(), InterpretError> {
        let node = self.graph.node(id);
        let values = node
            .operands
            .iter()
            .map(|&operand| self.read(id, operand))
            .collect::<Result<Vec<_>, _>>()?;
        let operands: Vec<(&TensorType, &Values<T>)> = node
            .operands
            .iter()
            .zip(&values)
            .map(|(&operand, values)| (self.graph.ty(operand), &**values))
            .collect();
        let types: Vec<TensorType> =
            node.results.iter().map(|&result| self.graph.ty(result).clone()).collect();
        let made = evaluate(&node.op, &operands, &types, &self.scalars);
        let in_place = node.op.in_place_operands().iter().map(|&place| node.operands[place]);
        let targets: Vec<TensorId> = node.results.iter().copied().chain(in_place).collect();
        for (target, values) in targets.into_iter().zip(made) {
            self.write(target, values);
        }
        Ok(())
    }

    fn read(&self, reader: NodeId, tensor: TensorId) -> Result<Cow<'_, Values<T>>, InterpretError> {
        let root = self.graph.root(tensor);
        if let Some(slice) = self.slice(root) {
            return Ok(Cow::Owned(Values::Real(slice.to_vec())));
        }
        self.values[root.index()].as_ref().map(Cow::Borrowed).ok_or_else(|| {
            let (node, producer) = (self.graph.node(reader), self.graph.producer(root));
            let phase_name = self.graph.phases().nth(producer.phase.index());
            InterpretError::NoValue {
                op: node.op.name(),
                scope: node.scope.clone(),
                tensor: root.index(),
                made_by: producer.op.name(),
                made_in: phase_name.map(|(_, name)| name.to_owned()).unwrap_or_default(),
            }
        })
    }

    /// The storage behind a view, as it is now.
    fn slice(&self, root: TensorId) -> Option<&[T]> {
        let Op::View { storage, offset } = self.graph.producer(root).op else { return None };
        let elements = self.graph.shape(root).elements();
        Some(&self.storages[storage.index()][offset..offset + elements])
    }

    fn write(&mut self, tensor: TensorId, values: Values<T>) {
        let root = self.graph.root(tensor);
        match self.graph.producer(root).op {
            Op::View { storage, offset } => {
                let range = offset..offset + values.elements();
                self.storages[storage.index()][range].copy_from_slice(values.real());
            }
            _ => self.values[root.index()] = Some(values),
        }
    }
}

/// For each phase, the nodes that a storage or an output needs, in program order, each with the
/// tensors whose last use it is.
fn plan(graph: &Graph) -> Vec<Vec<(NodeId, Vec<TensorId>)>> {
    let schedule = Schedule::new(graph);
    let scheduled: HashSet<NodeId> =
        schedule.phases.iter().flatten().flat_map(|kernel| kernel.nodes.iter().copied()).collect();
    // The schedule leaves out copies that its placements make needless.
    let runs: Vec<NodeId> = graph
        .nodes()
        .filter(|(id, node)| scheduled.contains(id) || !node.op.in_place_operands().is_empty())
        .map(|(id, _)| id)
        .collect();

    let mut keep = vec![false; graph.tensors().len()];
    for &output in graph.outputs() {
        keep[graph.root(output).index()] = true;
    }
    let mut last_use = vec![None; graph.tensors().len()];
    for &id in &runs {
        let node = graph.node(id);
        let operands = node.operands.iter().map(|&operand| graph.root(operand));
        for tensor in operands.chain(node.results.iter().copied()) {
            let producer = graph.producer(tensor);
            keep[tensor.index()] |= !producer.op.is_kernel() || producer.phase != node.phase;
            last_use[tensor.index()] = Some(id);
        }
    }
    let mut phases: Vec<Vec<(NodeId, Vec<TensorId>)>> = vec![Vec::new(); graph.phases().count()];
    for &id in &runs {
        phases[graph.node(id).phase.index()].push((id, Vec::new()));
    }
    let made = runs.iter().flat_map(|&id| graph.node(id).results.iter().copied());
    for tensor in made.filter(|tensor| !keep[tensor.index()]) {
        let Some(last) = last_use[tensor.index()] else { continue };
        let nodes = &mut phases[graph.node(last).phase.index()];
        if let Ok(place) = nodes.binary_search_by_key(&last, |&(id, _)| id) {
            nodes[place].1.push(tensor);
        }
    }
    phases
}
