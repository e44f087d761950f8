//! Training a classifier, so that images can be compared by its features.

use crate::{Extractor, FeatureNetwork, MetricsError, Trained};
use gan::{
    data::{Dataset, Labels, Permutation},
    executor::{Device, Executor},
    forward::{BoundNetwork, Mode},
    networks::{Network, SampleShape},
    parameters::Layout,
    streams,
};
use graph::{DType, Graph, GraphError, Op, PhaseId, ScalarId, StorageId, TensorId, TensorType};

const BATCH: usize = 100;
const FIRST_DECAY: f64 = 0.9;
const SECOND_DECAY: f64 = 0.999;
const EPSILON: f32 = 1e-8;
/// One image of so many is held out where no test images are given.
const HELD_OUT: u32 = 10;
const TESTED_AT_A_TIME: usize = 1000;
/// The least images of a class, on average, that a classifier can learn from.
const LEAST_OF_A_CLASS: usize = 20;

/// How a classifier is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// How often it sees each image.
    pub epochs: usize,
    /// Adam's rate at the start; it falls evenly to 0.
    pub learning_rate: f64,
    /// The seed of its weights and of the order of images.
    pub seed: u64,
}

impl Schedule {
    /// Adam's rate after so many steps of so many.
    fn rate(self, done: usize, steps: usize) -> f64 {
        self.learning_rate * (1.0 - done as f64 / steps as f64)
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self { epochs: 10, learning_rate: 1e-3, seed: 0 }
    }
}

/// Images with their classes.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// The images.
    pub data: &'a Dataset,
    /// The class of each of them.
    pub labels: &'a Labels,
}

impl<'a> Labelled<'a> {
    /// Images with as many labels.
    ///
    /// # Errors
    /// [`MetricsError::Labels`] if there are more or fewer.
    pub fn new(data: &'a Dataset, labels: &'a Labels) -> Result<Self, MetricsError> {
        match (labels.of_images.len(), data.count) {
            (labels, images) if labels != images => Err(MetricsError::Labels { labels, images }),
            _ => Ok(Self { data, labels }),
        }
    }

    /// Whether there are enough images of each class to learn from, on average.
    pub fn are_enough(&self) -> bool {
        self.data.count >= LEAST_OF_A_CLASS * self.labels.classes.len()
    }

    fn shape(&self) -> SampleShape {
        SampleShape::image(self.data.channels, self.data.height, self.data.width)
    }

    /// The pixels of chosen images, one after the other.
    fn pixels(&self, chosen: &[u32]) -> Result<Vec<u8>, MetricsError> {
        let mut pixels = Vec::with_capacity(chosen.len() * self.data.image_bytes());
        chosen.iter().try_for_each(|&image| self.data.append_image(image as usize, &mut pixels))?;
        Ok(pixels)
    }

    fn label(&self, image: u32) -> u16 {
        self.labels.of_images[image as usize]
    }
}

/// Trains a classifier, and tests it on images that it has not seen: on `test`, or where there are
/// none on a tenth of the images, which are then held out. `on_progress` hears the share that is done.
///
/// Each class has a sigmoid of its own, and the loss is the mean over the batch of the sum of their
/// binary cross-entropies; Adam takes the steps. In the end features are scaled so that their root
/// mean square is 1 over the tests, and the last layer the other way: classes stay, and distances do
/// not depend on how long it was trained.
///
/// # Errors
/// [`MetricsError::TooFew`] of fewer images than a batch and what is held out; [`MetricsError::Classes`]
/// if the tests have other classes; or if the device fails.
pub async fn train(
    device: &Device,
    images: Labelled<'_>,
    test: Option<Labelled<'_>>,
    schedule: Schedule,
    on_progress: &mut dyn FnMut(f64),
) -> Result<FeatureNetwork, MetricsError> {
    let learnt = images.labels.classes.len();
    if let Some(tests) = test.map(|test| test.labels.classes.len()).filter(|&of| of != learnt) {
        return Err(MetricsError::Classes { tests, learnt });
    }
    let count = u32::try_from(images.data.count).unwrap_or(u32::MAX);
    let order = Permutation::new(count, schedule.seed, 0, streams::CLASSIFIER_SHUFFLE);
    let mut seen: Vec<u32> = (0..count).map(|place| order.at(place)).collect();
    let held_out = seen.split_off(match test {
        Some(_) => count as usize,
        None => (count - count / HELD_OUT) as usize,
    });
    if seen.len() < BATCH {
        let needed = BATCH + images.data.count - seen.len();
        return Err(MetricsError::TooFew { found: images.data.count, needed });
    }
    let (network, first) = FeatureNetwork::untrained(images.shape(), images.labels, schedule.seed)?;
    let mut step = Step::new(device, &network, images.labels.classes.len()).await?;
    step.executor.write_storage(step.parameters, &first);

    let per_epoch = seen.len() / BATCH;
    let steps = per_epoch * schedule.epochs;
    let mut done = 0;
    for epoch in 0..schedule.epochs {
        let places = seen.len() as u32;
        let epoch = epoch as u32 + 1;
        let order = Permutation::new(places, schedule.seed, epoch, streams::CLASSIFIER_SHUFFLE);
        for batch in 0..per_epoch {
            let place = |within: usize| order.at((batch * BATCH + within) as u32) as usize;
            let chosen: Vec<u32> = (0..BATCH).map(|within| seen[place(within)]).collect();
            step.run(images, &chosen, schedule.rate(done, steps), done).await?;
            done += 1;
            on_progress(done as f64 / steps as f64);
        }
    }
    let parameters = step.executor.read_storage(step.parameters).await?;

    let (tests, chosen) = match test {
        Some(test) => (test, (0..test.data.count as u32).collect()),
        None => (images, held_out),
    };
    let trained = Trained {
        classes: images.labels.classes.clone(),
        data: images.data.name.clone(),
        checksum: images.data.checksum(),
        images: seen.len(),
        epochs: schedule.epochs,
        seed: schedule.seed,
        tested_on: if test.is_some() { tests.data.name.clone() } else { "held out".to_owned() },
        test_checksum: tests.data.checksum(),
        tests: chosen.len(),
        correct: 0,
    };
    let mut trained = FeatureNetwork::trained(network, parameters, trained);
    let mut extractor = Extractor::new(device, &trained).await?;
    let mut found = extractor.none();
    for chosen in chosen.chunks(TESTED_AT_A_TIME) {
        found.append(extractor.features(&tests.pixels(chosen)?).await?);
    }
    let squares = found.values().iter().map(|&value| f64::from(value).powi(2)).sum::<f64>();
    let size = (squares / found.values().len().max(1) as f64).sqrt();
    let right = |&(image, found): &(&u32, &u16)| tests.label(*image) == *found;
    let correct = chosen.iter().zip(found.labels()).filter(right).count();
    trained.set_correct(correct);
    if size > 0.0 {
        trained.scale_features(1.0 / size);
    }
    Ok(trained)
}

/// A step of a classifier's training on a device.
struct Step {
    executor: Executor,
    phase: PhaseId,
    pixels: TensorId,
    targets: TensorId,
    parameters: StorageId,
    step_size: ScalarId,
    correction: ScalarId,
    classes: usize,
}

impl Step {
    async fn new(device: &Device, network: &Network, classes: usize) -> Result<Self, MetricsError> {
        let mut graph = Graph::new("classifier");
        let phase = graph.current_phase();
        let layout = Layout::parameters(network);
        let [parameters, gradients, first_moment, second_moment] =
            ["parameters", "gradients", "first_moment", "second_moment"]
                .map(|name| graph.storage(name, layout.elements()));
        let statistics = graph.storage("statistics", Layout::statistics(network).elements());
        let [step_size, correction] = ["step_size", "correction"].map(|name| graph.scalar(name));
        let pixels = TensorType { dtype: DType::U8, shape: network.input().batch(BATCH) };
        let pixels = graph.input(pixels)?;
        let targets = graph.input(TensorType::f32(&[BATCH, classes]))?;
        let reals = graph.scale_pixels(pixels)?;
        let bound = BoundNetwork::new(&mut graph, network, parameters, statistics)?;
        let logits = bound.forward(&mut graph, reals, Mode::Evaluation)?;

        // BCE(x, t) is BCE(x, 0) - t·x.
        let against_none = graph.bce_with_logits(logits, 0.0)?;
        let of_targets = graph.multiply(targets, logits)?;
        let shape = graph.shape(logits).clone();
        let [plus, minus] = [1.0, -1.0].map(|sign| sign / BATCH as f32);
        let (plus, minus) = (graph.fill(plus, &shape)?, graph.fill(minus, &shape)?);
        let losses = [(against_none, Some(plus)), (of_targets, Some(minus))];
        let found = graph.gradient(&losses, &bound.parameters())?;
        for (slot, gradient) in bound.slots().zip(found) {
            let place = graph.view(gradients, slot.offset, &slot.shape)?;
            graph.copy(gradient, place)?;
        }
        let whole = graph::Shape::new(&[layout.elements()]);
        let operands = [parameters, gradients, first_moment, second_moment]
            .map(|storage| graph.view(storage, 0, &whole))
            .into_iter()
            .collect::<Result<Vec<_>, GraphError>>()?;
        let adam = Op::Adam {
            first_rate: (1.0 - FIRST_DECAY) as f32,
            second_rate: (1.0 - SECOND_DECAY) as f32,
            epsilon: EPSILON,
            step_size,
            correction,
        };
        graph.push(adam, &operands)?;
        let executor = device.compile(graph).await?;
        Ok(Self { executor, phase, pixels, targets, parameters, step_size, correction, classes })
    }

    /// A step on a batch, after so many steps.
    async fn run(
        &mut self,
        images: Labelled<'_>,
        chosen: &[u32],
        learning_rate: f64,
        done: usize,
    ) -> Result<(), MetricsError> {
        let mut targets = vec![0.0; BATCH * self.classes];
        for (row, &image) in targets.chunks_exact_mut(self.classes).zip(chosen) {
            row[usize::from(images.label(image))] = 1.0;
        }
        self.executor.write_pixels(self.pixels, &images.pixels(chosen)?);
        self.executor.write_reals(self.targets, &targets);
        let t = (done + 1) as f64;
        let step_size = learning_rate / (1.0 - FIRST_DECAY.powf(t));
        let correction = 1.0 / (1.0 - SECOND_DECAY.powf(t)).sqrt();
        self.executor.set_scalar_f32(self.step_size, step_size as f32);
        self.executor.set_scalar_f32(self.correction, correction as f32);
        Ok(self.executor.run(&[self.phase]).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_falls_evenly_to_nothing() {
        let schedule = Schedule { learning_rate: 0.5, ..Schedule::default() };
        assert_eq!([0, 30, 40].map(|done| schedule.rate(done, 40)), [0.5, 0.125, 0.0]);
    }
}
