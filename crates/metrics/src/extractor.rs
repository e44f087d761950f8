//! What a network makes of images.

use crate::{FeatureNetwork, MetricsError};
use gan::{
    executor::{Device, Executor},
    forward::{BoundNetwork, Mode},
    networks::SampleShape,
    parameters::Layout,
};
use graph::{DType, Graph, PhaseId, TensorId, TensorType};

/// Images that go through the network at a time.
const BATCH: usize = 100;

/// Features of images, `[images, dimensions]`, and the classes that they are taken for.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    values: Vec<f32>,
    dimensions: usize,
    labels: Vec<u16>,
}

impl Features {
    /// Features without classes; a last row that is not whole is dropped.
    pub fn new(mut values: Vec<f32>, dimensions: usize) -> Self {
        let dimensions = dimensions.max(1);
        values.truncate(values.len() / dimensions * dimensions);
        Self { values, dimensions, labels: Vec::new() }
    }

    /// Adds those of more images, of the same network.
    pub fn append(&mut self, mut others: Self) {
        self.values.append(&mut others.values);
        self.labels.append(&mut others.labels);
    }

    /// How many images they are of.
    pub fn count(&self) -> usize {
        self.values.len() / self.dimensions
    }

    /// Numbers of each image.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// All numbers, image by image.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The class of each image; empty without a classifier.
    pub fn labels(&self) -> &[u16] {
        &self.labels
    }

    /// The first images and the others.
    pub fn split_at(&self, images: usize) -> [Self; 2] {
        let images = images.min(self.count());
        let (first, second) = self.values.split_at(images * self.dimensions);
        let (first_labels, second_labels) = self.labels.split_at(images.min(self.labels.len()));
        [(first, first_labels), (second, second_labels)].map(|(values, labels)| Self {
            values: values.to_vec(),
            dimensions: self.dimensions,
            labels: labels.to_vec(),
        })
    }

    /// So many images at a time.
    pub(crate) fn blocks(&self, images: usize) -> impl Iterator<Item = &[f32]> {
        self.values.chunks(images * self.dimensions)
    }

    /// ‖x‖² of each image, in f64.
    pub(crate) fn squared_norms(&self) -> Vec<f64> {
        let square = |&value: &f32| f64::from(value).powi(2);
        self.values.chunks_exact(self.dimensions).map(|x| x.iter().map(square).sum()).collect()
    }
}

/// A network on a device, ready for images.
pub struct Extractor {
    executor: Executor,
    phase: PhaseId,
    pixels: TensorId,
    features: TensorId,
    logits: Option<TensorId>,
    image: SampleShape,
    dimensions: usize,
    classes: usize,
}

impl Extractor {
    /// Puts a network on a device.
    ///
    /// # Errors
    /// If the device cannot hold or run it.
    pub async fn new(device: &Device, network: &FeatureNetwork) -> Result<Self, MetricsError> {
        let (image, layers) = (network.network().input(), network.network());
        let mut graph = Graph::new("features");
        let phase = graph.current_phase();
        let parameters = graph.storage("parameters", Layout::parameters(layers).elements());
        let statistics = graph.storage("statistics", Layout::statistics(layers).elements());
        let pixels = TensorType { dtype: DType::U8, shape: image.batch(BATCH) };
        let pixels = graph.input(pixels)?;
        let reals = graph.scale_pixels(pixels)?;
        let bound = BoundNetwork::new(&mut graph, layers, parameters, statistics)?;
        let mut activations = bound.activations(&mut graph, reals, Mode::Evaluation)?;
        let classes = network.classes().len();
        let logits = if classes > 0 { activations.pop() } else { None };
        let features = activations.last().copied().unwrap_or(reals);
        let dimensions = graph.shape(features).elements() / BATCH;
        graph.output(features);
        if let Some(logits) = logits {
            graph.output(logits);
        }
        let mut executor = device.compile(graph).await?;
        executor.write_storage(parameters, network.parameters());
        Ok(Self { executor, phase, pixels, features, logits, image, dimensions, classes })
    }

    /// The features of no image yet.
    pub fn none(&self) -> Features {
        Features::new(Vec::new(), self.dimensions)
    }

    /// Features of 8-bit images `[N, H, W, C]`.
    ///
    /// # Errors
    /// [`MetricsError::Pixels`] if they are no whole number of images; or if the device fails.
    pub async fn features(&mut self, pixels: &[u8]) -> Result<Features, MetricsError> {
        let SampleShape { height, width, channels, .. } = self.image;
        let bytes = self.image.elements();
        if !pixels.len().is_multiple_of(bytes) {
            return Err(MetricsError::Pixels { found: pixels.len(), height, width, channels });
        }
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        for chunk in pixels.chunks(BATCH * bytes) {
            let images = chunk.len() / bytes;
            let mut batch = chunk.to_vec();
            batch.resize(BATCH * bytes, 0);
            self.executor.write_pixels(self.pixels, &batch);
            self.executor.run(&[self.phase]).await?;
            let features = self.executor.read(self.features).await?;
            values.extend(features.into_iter().take(images * self.dimensions));
            if let Some(logits) = self.logits {
                let logits = self.executor.read(logits).await?;
                labels.extend(logits.chunks_exact(self.classes).take(images).map(greatest));
            }
        }
        Ok(Features { values, dimensions: self.dimensions, labels })
    }
}

/// The place of the greatest number, of equals the first.
fn greatest(logits: &[f32]) -> u16 {
    let mut best = 0;
    for (place, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = place;
        }
    }
    best as u16
}
