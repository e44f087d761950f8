//! Where tensors live: gradients straight in their storage, the rest in buffers shared by tensors
//! that are not needed at the same time.

use crate::schedule::{Kernel, Placement, PooledBuffer, Schedule};
use crate::{Graph, Op, StorageId, TensorId};
use std::ops::RangeInclusive;

/// Completes a schedule whose kernels are known.
pub(crate) fn place(graph: &Graph, phases: Vec<Vec<Kernel>>) -> Schedule {
    let mut placing = Placing {
        graph,
        placements: vec![None; graph.tensors().len()],
        kernels: phases.into_iter().flatten().map(Some).collect(),
    };
    placing.views();
    placing.results_in_storage();
    let (buffers, bytes) = placing.pool();
    let mut phases: Vec<Vec<Kernel>> = vec![Vec::new(); graph.phases().count()];
    for kernel in placing.kernels.into_iter().flatten() {
        phases[graph.node(kernel.nodes[0]).phase.index()].push(kernel);
    }
    Schedule::from_parts(phases, buffers, bytes, placing.placements)
}

struct Placing<'a> {
    graph: &'a Graph,
    placements: Vec<Option<Placement>>,
    /// In the order of a step; `None` where a copy turned out not to be needed.
    kernels: Vec<Option<Kernel>>,
}

/// A slice of storage.
#[derive(Clone, Copy, PartialEq)]
struct Slice {
    storage: StorageId,
    start: usize,
    end: usize,
}

impl Slice {
    fn overlaps(&self, other: &Self) -> bool {
        self.storage == other.storage && self.start < other.end && other.start < self.end
    }
}

impl Placing<'_> {
    fn views(&mut self) {
        for (_, node) in self.graph.nodes() {
            if let Op::View { storage, offset } = node.op {
                self.placements[node.results[0].index()] =
                    Some(Placement::Storage { storage, offset });
            }
        }
    }

    /// Lets a kernel write its result where a later copy would have put it, and drops the copy.
    fn results_in_storage(&mut self) {
        for copy in 0..self.kernels.len() {
            let Some(kernel) = &self.kernels[copy] else { continue };
            let node = self.graph.node(kernel.nodes[0]);
            if node.op != Op::Copy {
                continue;
            }
            let source = self.graph.root(node.operands[0]);
            let Some(target) = self.slice(node.operands[1]) else { continue };
            if self.placements[source.index()].is_none() && self.can_live_in(source, target, copy) {
                self.placements[source.index()] =
                    Some(Placement::Storage { storage: target.storage, offset: target.start });
                self.kernels[copy] = None;
            }
        }
    }

    /// Whether `source` can be in `target` from when it is made: nothing else touches the slice
    /// until the copy, nothing changes it until the last use, and no kernel would read one part of
    /// the storage while it writes another.
    fn can_live_in(&self, source: TensorId, target: Slice, copy: usize) -> bool {
        let Some(made) = self.maker(source) else { return false };
        let phase = |place: usize| self.graph.node(self.kernel(place).nodes[0]).phase;
        if phase(made) != phase(copy) {
            return false;
        }
        let uses = |place: &usize| {
            let kernel = self.kernels[*place].as_ref();
            kernel.is_some_and(|kernel| self.reads(kernel).any(|tensor| tensor == source))
        };
        let last_use = (made..self.kernels.len()).rfind(uses).unwrap_or(copy);
        let is_output =
            self.graph.outputs().iter().any(|&output| self.graph.root(output) == source);
        if is_output || phase(last_use) != phase(made) {
            // It stays until it is made anew, whichever phases run in between.
            let changes = |place: usize| {
                let is_target = |tensor| self.slice(tensor).is_some_and(|s| s.overlaps(&target));
                let kernel = self.kernels[place].as_ref();
                kernel.is_some_and(|kernel| self.writes(kernel).any(is_target))
            };
            let before = |place: usize| place < made && phase(place) == phase(made);
            if (0..self.kernels.len()).any(|p| p != copy && changes(p) && !before(p)) {
                return false;
            }
        }
        (made..=last_use).filter(|&place| place != copy).all(|place| {
            let Some(kernel) = &self.kernels[place] else { return true };
            let in_target = |slice: Slice| slice.overlaps(&target);
            let in_storage = |slice: Slice| slice.storage == target.storage;
            let others = |tensor: &TensorId| *tensor != source;
            let mut writes =
                self.writes(kernel).filter(others).filter_map(|tensor| self.slice(tensor));
            let mut reads =
                self.reads(kernel).filter(others).filter_map(|tensor| self.slice(tensor));
            if place == made {
                !reads.any(in_storage)
            } else if uses(&place) {
                !writes.any(in_storage) && (place > copy || !reads.any(in_target))
            } else {
                !writes.any(in_target) && (place > copy || !reads.any(in_target))
            }
        })
    }

    fn kernel(&self, place: usize) -> &Kernel {
        self.kernels[place].as_ref().expect("a maker or a copy that is looked at")
    }

    /// The kernel that yields a tensor; `None` for a source.
    fn maker(&self, tensor: TensorId) -> Option<usize> {
        self.kernels.iter().position(|kernel| {
            kernel.as_ref().is_some_and(|kernel| kernel.results(self.graph).contains(&tensor))
        })
    }

    /// Roots of the operands, those changed in place among them.
    fn reads(&self, kernel: &Kernel) -> impl Iterator<Item = TensorId> {
        kernel.operands(self.graph).into_iter().map(|tensor| self.graph.root(tensor))
    }

    /// The results, and roots of the operands changed in place.
    fn writes(&self, kernel: &Kernel) -> impl Iterator<Item = TensorId> {
        let node = self.graph.node(kernel.nodes[0]);
        let in_place = node.op.in_place_operands().iter().map(|&p| node.operands[p]);
        let in_place: Vec<TensorId> = in_place.map(|tensor| self.graph.root(tensor)).collect();
        kernel.results(self.graph).iter().copied().chain(in_place)
    }

    fn slice(&self, tensor: TensorId) -> Option<Slice> {
        let root = self.graph.root(tensor);
        match self.placements[root.index()]? {
            Placement::Buffer(_) => None,
            Placement::Storage { storage, offset } => Some(Slice {
                storage,
                start: offset,
                end: offset + self.graph.shape(tensor).elements(),
            }),
        }
    }

    /// Assigns what has no place yet to pooled buffers: the largest tensor first, each to the first
    /// buffer that is free all its life (Pisarchyk & Lee 2020, "greedy by size"). Returns the
    /// buffers, and what they would take unshared and what they take at least.
    fn pool(&mut self) -> (Vec<PooledBuffer>, [usize; 2]) {
        let mut lives = self.lives();
        lives.sort_by_key(|(tensor, _)| std::cmp::Reverse(self.graph.ty(*tensor).bytes()));
        let mut buffers: Vec<(PooledBuffer, Vec<RangeInclusive<usize>>)> = Vec::new();
        let mut live_bytes = vec![0; self.kernels.len() + 1];
        let mut unshared_bytes = 0;
        for (tensor, life) in lives {
            let bytes = self.graph.ty(tensor).bytes();
            unshared_bytes += bytes;
            for live in &mut live_bytes[life.clone()] {
                *live += bytes;
            }
            let free = buffers.iter().position(|(_, taken)| {
                taken.iter().all(|other| life.end() < other.start() || other.end() < life.start())
            });
            let place = free.unwrap_or_else(|| {
                buffers.push((PooledBuffer { bytes }, Vec::new()));
                buffers.len() - 1
            });
            buffers[place].1.push(life);
            self.placements[tensor.index()] = Some(Placement::Buffer(place));
        }
        let least_bytes = live_bytes.into_iter().max().unwrap_or_default();
        (buffers.into_iter().map(|(buffer, _)| buffer).collect(), [unshared_bytes, least_bytes])
    }

    /// Each unplaced root that a kernel touches, and the kernels from its first to its last use.
    /// What the host writes or reads, or one phase hands to another, lives all the time, so that
    /// phases can be repeated.
    fn lives(&self) -> Vec<(TensorId, RangeInclusive<usize>)> {
        let always = 0..=self.kernels.len();
        let mut lives: Vec<Option<RangeInclusive<usize>>> = vec![None; self.placements.len()];
        for (place, kernel) in self.kernels.iter().enumerate() {
            let Some(kernel) = kernel else { continue };
            let phase = self.graph.node(kernel.nodes[0]).phase;
            for tensor in self.reads(kernel).chain(self.writes(kernel)) {
                let producer = self.graph.producer(tensor);
                let life = &mut lives[tensor.index()];
                *life = Some(if !producer.op.is_kernel() || producer.phase != phase {
                    always.clone()
                } else {
                    let first = life.as_ref().map_or(place, |life| *life.start());
                    let last = life.as_ref().map_or(place, |life| *life.end());
                    first..=last.max(place)
                });
            }
        }
        for &output in self.graph.outputs() {
            lives[self.graph.root(output).index()] = Some(always.clone());
        }
        let tensors = self.graph.nodes().flat_map(|(_, node)| node.results.iter().copied());
        tensors
            .filter(|tensor| self.placements[tensor.index()].is_none())
            .filter_map(|tensor| lives[tensor.index()].take().map(|life| (tensor, life)))
            .collect()
    }
}
