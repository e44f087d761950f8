//! Pictures of latent vectors, and the vectors themselves.

mod latents;
mod mix;
mod nearest;

pub use latents::{Latents, closed_way, interpolate, latents, truncate};
pub use mix::{Mix, MixError};
pub use nearest::{NearestError, Neighbour, nearest};

use crate::{
    executor::{Device, Executor, ExecutorError},
    forward::{BoundNetwork, Mode},
    networks::{LATENT_SIZE, Network, SampleShape},
    parameters::Layout,
    state::{TrainState, Weights},
    trainer::TrainError,
};
use graph::{Graph, GraphError, PhaseId, StorageId, TensorId, TensorType};

/// How many images are made at a time. It is fixed, and what is missing padded, so that a latent
/// vector's image never depends on how many others are asked for.
pub const SAMPLING_BATCH: usize = 16;

/// The graph of a generator in evaluation mode, and the handles to its parts.
#[derive(Clone, Debug)]
pub struct SamplingGraph {
    /// The graph.
    pub graph: Graph,
    /// Its one phase.
    pub phase: PhaseId,
    /// Input: latent vectors, in the generator's input shape.
    pub latents: TensorId,
    /// Output: images in [-1, 1], `[N, H, W, C]`.
    pub images: TensorId,
    /// The weights.
    pub parameters: StorageId,
    /// Batch norm's running statistics.
    pub statistics: StorageId,
}

impl SamplingGraph {
    /// Builds it for a fixed batch.
    ///
    /// # Errors
    /// If the generator does not fit the batch.
    pub fn new(generator: &Network, batch: usize) -> Result<Self, GraphError> {
        let mut graph = Graph::new("sampling");
        let elements = Layout::parameters(generator).elements();
        let parameters = graph.storage("g.parameters", elements);
        let elements = Layout::statistics(generator).elements();
        let statistics = graph.storage("g.statistics", elements);
        graph.set_scope("input");
        let shape = generator.input().batch(batch);
        let latents = graph.input(TensorType::f32(shape.dims()))?;
        let network = BoundNetwork::new(&mut graph, generator, parameters, statistics)?;
        let images = network.forward(&mut graph, latents, Mode::Evaluation)?;
        graph.output(images);
        let phase = graph.current_phase();
        Ok(Self { graph, phase, latents, images, parameters, statistics })
    }
}

/// A generator that makes pictures.
pub struct Sampler {
    executor: Executor,
    phase: PhaseId,
    latents: TensorId,
    images: TensorId,
    parameters: StorageId,
    statistics: StorageId,
    image: SampleShape,
}

impl Sampler {
    /// Prepares the average of a state's generator.
    ///
    /// # Errors
    /// If the device cannot hold or run it.
    pub async fn new(device: &Device, state: &TrainState) -> Result<Self, TrainError> {
        let networks = state.networks()?;
        let SamplingGraph { graph, phase, latents, images, parameters, statistics } =
            SamplingGraph::new(&networks.generator, SAMPLING_BATCH)?;
        let executor = device.compile_with(graph, state.choices_on(device)).await?;
        let image = networks.image();
        let mut sampler = Self { executor, phase, latents, images, parameters, statistics, image };
        sampler.load(state.average.weights());
        Ok(sampler)
    }

    /// Replaces the generator's numbers, whether averaged or trained.
    pub fn load(&mut self, weights: Weights<'_>) {
        self.executor.write_storage(self.parameters, weights.parameters);
        self.executor.write_storage(self.statistics, weights.statistics);
    }

    /// The shape of one picture.
    pub fn image(&self) -> SampleShape {
        self.image
    }

    /// The bytes that it holds.
    pub fn memory(&self) -> tensor_ops::Memory {
        self.executor.memory()
    }

    /// One picture for each latent vector of 100 numbers: 8-bit `[N, H, W, C]`.
    ///
    /// # Errors
    /// As [`Sampler::images`].
    pub async fn pictures(&mut self, latents: &[f32]) -> Result<Vec<u8>, TrainError> {
        Ok(self.images(latents).await?.into_iter().map(to_pixel).collect())
    }

    /// One image for each latent vector of 100 numbers: `[N, H, W, C]` in [-1, 1]. On one device an
    /// image is the same, bit for bit, whichever others are asked for.
    ///
    /// # Errors
    /// [`TrainError::Latents`] unless the numbers are a multiple of 100; or if the device fails.
    pub async fn images(&mut self, latents: &[f32]) -> Result<Vec<f32>, TrainError> {
        if !latents.len().is_multiple_of(LATENT_SIZE) {
            return Err(TrainError::Latents { found: latents.len() });
        }
        let mut images = Vec::new();
        for chunk in latents.chunks(SAMPLING_BATCH * LATENT_SIZE) {
            let mut batch = chunk.to_vec();
            batch.resize(SAMPLING_BATCH * LATENT_SIZE, 0.0);
            self.executor.write_reals(self.latents, &batch);
            self.executor.run(&[self.phase]).await?;
            let asked = chunk.len() / LATENT_SIZE * self.image.elements();
            images.extend(self.executor.read(self.images).await?.into_iter().take(asked));
        }
        Ok(images)
    }
}

/// [-1, 1] to 0..=255, to the nearest.
fn to_pixel(value: f32) -> u8 {
    (value * 127.5 + 127.5).round() as u8
}

impl From<ExecutorError> for TrainError {
    fn from(error: ExecutorError) -> Self {
        Self::Executor(error)
    }
}
