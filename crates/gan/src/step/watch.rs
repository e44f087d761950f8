//! What tells how training is, beside the losses: a phase of its own, run when a line is due.
//!
//! It changes nothing that training reads, so a step's numbers are the same with and without it.

use super::{METRICS_ELEMENTS, NetworkStorages, TrainingStep};
use crate::parameters::ALIGNMENT;
use graph::{Graph, GraphError, Op, PhaseId, Shape, StorageId, TensorId};
use std::ops::Range;

/// The largest extent of an image that is compared by blocks of two by two pixels; larger ones are
/// by four by four. Blocks see shapes rather than the noise of single pixels, by which the images of
/// a generator that has only begun differ, and keep the products short.
const SMALL: usize = 32;
/// Images of a batch that are compared at most: what the products take grows by its square, and the
/// mean of 256 distances is known well enough.
const COMPARED: usize = 256;

/// A number that the phase yields for the last step, and its place in [`Watch::storage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Σ g² over the discriminator's gradients.
    GradientD,
    /// Σ g² over the generator's gradients.
    GradientG,
    /// Σ (m / (√v + ε))² over the discriminator's weights: Adam's step over its size, but for the
    /// correction of v.
    UpdateD,
    /// Σ (m / (√v + ε))² over the generator's weights.
    UpdateG,
    /// Σ w² over the discriminator's weights.
    WeightsD,
    /// Σ w² over the generator's weights.
    WeightsG,
    /// How many reals have a positive logit: the discriminator is right.
    RealsTaken,
    /// How many fakes have a positive logit: the discriminator is wrong.
    FakesTaken,
}

impl Signal {
    /// Every signal, in the order of the storage.
    pub const ALL: [Self; 8] = [
        Self::GradientD,
        Self::GradientG,
        Self::UpdateD,
        Self::UpdateG,
        Self::WeightsD,
        Self::WeightsG,
        Self::RealsTaken,
        Self::FakesTaken,
    ];

    /// Its element in [`Watch::storage`].
    pub fn offset(self) -> usize {
        METRICS_ELEMENTS + self as usize * ALIGNMENT
    }
}

/// The phase, and how to read what it leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watch {
    /// Runs after both phases of a step, or does not.
    pub phase: PhaseId,
    /// A copy of [`TrainingStep::metrics`], then every [`Signal`], then F·Fᵀ of the first images of
    /// the batch of fakes and of the reals, each \[M, M\], with an image's values as a row of F.
    pub storage: StorageId,
    /// Images in a batch, N.
    pub batch: usize,
    /// Images that are compared, M: N, or 256 where a batch has more.
    pub compared: usize,
    /// The factor between a squared distance of rows and the mean over an image's values: their
    /// number, times the pixels of a block.
    pub values: f64,
}

impl Watch {
    /// The elements of [`Watch::storage`] that hold F·Fᵀ of the fakes.
    pub fn fakes(&self) -> Range<usize> {
        fakes(self.compared)
    }

    /// The elements that hold F·Fᵀ of the reals.
    pub fn reals(&self) -> Range<usize> {
        reals(self.compared)
    }
}

fn fakes(compared: usize) -> Range<usize> {
    let start = METRICS_ELEMENTS + Signal::ALL.len() * ALIGNMENT;
    start..start + compared * compared
}

fn reals(compared: usize) -> Range<usize> {
    let start = fakes(compared).end.next_multiple_of(ALIGNMENT);
    start..start + compared * compared
}

impl TrainingStep {
    /// Adds the phase. What the others compute is the same, but reals and logits stay in memory to
    /// the end of the step.
    ///
    /// # Errors
    /// If a shape does not fit, which those of a step do.
    pub fn watch(&mut self, epsilon: f64) -> Result<Watch, GraphError> {
        self.watch_comparing(COMPARED, epsilon)
    }

    pub(super) fn watch_comparing(
        &mut self,
        at_most: usize,
        epsilon: f64,
    ) -> Result<Watch, GraphError> {
        let graph = &mut self.graph;
        let images = graph.shape(self.reals).clone();
        let (batch, block) = (images.dims()[0], block_of(&images));
        let compared = batch.min(at_most);
        let storage = graph.storage("watch", reals(compared).end);
        let rows = graph.storage("watch rows", images.elements() / (block * block));
        let values = (images.elements() / batch * block * block) as f64;
        let watch = Watch { phase: graph.begin_phase("watch"), storage, batch, compared, values };
        graph.set_scope("watch");
        let mut phase = Phase { graph, storage };
        let metrics = phase.graph.view(self.metrics, 0, &Shape::new(&[METRICS_ELEMENTS]))?;
        phase.keep(metrics, 0)?;
        let networks = [
            (self.discriminator, [Signal::GradientD, Signal::UpdateD, Signal::WeightsD]),
            (self.generator, [Signal::GradientG, Signal::UpdateG, Signal::WeightsG]),
        ];
        for (storages, signals) in networks {
            phase.network(storages, signals, epsilon as f32)?;
        }
        phase.positive(self.real_logits, Signal::RealsTaken)?;
        phase.positive(self.fake_logits, Signal::FakesTaken)?;
        for (images, to) in [(self.fakes, watch.fakes()), (self.reals, watch.reals())] {
            phase.products(images, block, rows, compared, to)?;
        }
        Ok(watch)
    }
}

/// The extent of the blocks by which images are compared.
fn block_of(images: &Shape) -> usize {
    // Heights and widths are multiples of four.
    if images.dims()[1..3].iter().all(|&extent| extent <= SMALL) { 2 } else { 4 }
}

struct Phase<'a> {
    graph: &'a mut Graph,
    storage: StorageId,
}

impl Phase<'_> {
    fn network(
        &mut self,
        storages: NetworkStorages,
        [gradient, update, weights]: [Signal; 3],
        epsilon: f32,
    ) -> Result<(), GraphError> {
        let NetworkStorages { parameters, gradients, first_moment, second_moment, .. } = storages;
        let elements = self.graph.storages()[parameters.index()].elements;
        let whole = Shape::new(&[elements]);
        for (storage, signal) in [(gradients, gradient), (parameters, weights)] {
            let values = self.graph.view(storage, 0, &whole)?;
            self.squares(values, signal)?;
        }
        let first = self.graph.view(first_moment, 0, &whole)?;
        let second = self.graph.view(second_moment, 0, &whole)?;
        let root = self.graph.square_root(second)?;
        let root = self.graph.affine(root, 1.0, epsilon)?;
        let inverse = self.graph.reciprocal(root)?;
        let step = self.graph.multiply(first, inverse)?;
        self.squares(step, update)
    }

    fn squares(&mut self, values: TensorId, signal: Signal) -> Result<(), GraphError> {
        let squares = self.graph.multiply(values, values)?;
        let sum = self.graph.sum(squares, &[0])?;
        self.keep(sum, signal.offset())
    }

    /// Counts the logits above 0.
    fn positive(&mut self, logits: TensorId, signal: Signal) -> Result<(), GraphError> {
        let shape = self.graph.shape(logits).clone();
        let ones = self.graph.fill(1.0, &shape)?;
        // The slope of ReLU.
        let positive = self.graph.push(Op::LeakyReluGrad { slope: 0.0 }, &[ones, logits])?[0];
        let flat = self.graph.reshape(positive, &Shape::new(&[shape.elements()]))?;
        let count = self.graph.sum(flat, &[0])?;
        self.keep(count, signal.offset())
    }

    /// F·Fᵀ of the first images of [N, H, W, C], by way of storage that holds all rows, as a view
    /// of it is what takes the first ones.
    fn products(
        &mut self,
        images: TensorId,
        block: usize,
        all_rows: StorageId,
        compared: usize,
        to: Range<usize>,
    ) -> Result<(), GraphError> {
        let &[n, h, w, c] = self.graph.shape(images).dims() else { unreachable!("images") };
        let blocks = Shape::new(&[n * (h / block), block, w / block, block, c]);
        let apart = self.graph.reshape(images, &blocks)?;
        let sums = self.graph.sum(apart, &[1, 3])?;
        let shape = self.graph.shape(sums).clone();
        let place = self.graph.view(all_rows, 0, &shape)?;
        self.graph.copy(sums, place)?;
        let first = Shape::new(&[compared, shape.elements() / n]);
        let first = self.graph.view(all_rows, 0, &first)?;
        let products = self.graph.dense_grad_input(first, first)?;
        let flat = self.graph.reshape(products, &Shape::new(&[compared * compared]))?;
        self.keep(flat, to.start)
    }

    fn keep(&mut self, values: TensorId, offset: usize) -> Result<(), GraphError> {
        let shape = self.graph.shape(values).clone();
        let place = self.graph.view(self.storage, offset, &shape)?;
        self.graph.copy(values, place)
    }
}
