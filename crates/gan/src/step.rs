//! One training step as a graph of two phases.
//!
//! As in PyTorch's DCGAN example: the generator runs once in training mode; the discriminator sees
//! reals, then the fakes, each batch with its own statistics and masks, and minimises
//! mean BCE(D(real), 1) + mean BCE(D(fake), 0). Then the updated discriminator sees the same fakes
//! with new masks, and the generator minimises mean BCE(D(fake), 1), the non-saturating loss of
//! Goodfellow et al. 2014, through the activations of the first phase.

mod metric;
mod watch;

pub use metric::{METRICS_ELEMENTS, Metric};
pub use watch::{Signal, Watch};

use crate::{
    forward::{BoundNetwork, Mode},
    networks::{Network, Networks},
    options::TrainOptions,
    parameters::Layout,
    streams::{self, Pass},
};
use graph::{
    DType, Graph, GraphError, Op, PhaseId, ScalarId, Shape, StorageId, TensorId, TensorType,
};

/// A network's storages; parameters, gradients and moments share one layout.
#[derive(Clone, Copy, Debug)]
pub struct NetworkStorages {
    /// The weights.
    pub parameters: StorageId,
    /// This step's gradients.
    pub gradients: StorageId,
    /// Adam's first moment.
    pub first_moment: StorageId,
    /// Adam's second moment.
    pub second_moment: StorageId,
    /// Batch norm's running statistics.
    pub statistics: StorageId,
}

/// The storages of the generator's exponential moving average.
#[derive(Clone, Copy, Debug)]
pub struct AverageStorages {
    /// Of the weights.
    pub parameters: StorageId,
    /// Of the running statistics.
    pub statistics: StorageId,
}

/// The numbers that the host sets before each step, beside [`graph::scalars`].
#[derive(Clone, Copy, Debug)]
pub struct StepScalars {
    /// The generator's learning rate / (1 - β1ᵗ).
    pub adam_step_size_g: ScalarId,
    /// The discriminator's learning rate / (1 - β1ᵗ).
    pub adam_step_size_d: ScalarId,
    /// 1 / √(1 - β2ᵗ).
    pub adam_correction: ScalarId,
    /// 1 - decay of the average.
    pub average_rate: ScalarId,
}

/// What a layer yields when its network runs in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activation {
    /// The time that its network runs.
    pub pass: Pass,
    /// The layer, from 0.
    pub layer: usize,
    /// The batch that it yields.
    pub tensor: TensorId,
}

/// The graph of a training step, and the handles to its parts.
#[derive(Clone, Debug)]
pub struct TrainingStep {
    /// The graph.
    pub graph: Graph,
    /// Updates the discriminator.
    pub discriminator_phase: PhaseId,
    /// Updates the generator and its average.
    pub generator_phase: PhaseId,
    /// Input: real images, u8 `[N, H, W, C]`.
    pub pixels: TensorId,
    /// The latent vectors drawn, in the generator's input shape.
    pub latents: TensorId,
    /// The same images in [-1, 1].
    pub reals: TensorId,
    /// The generator's images in [-1, 1].
    pub fakes: TensorId,
    /// The discriminator's logits of the reals.
    pub real_logits: TensorId,
    /// Its logits of the fakes, before its update.
    pub fake_logits: TensorId,
    /// What each layer yields, in the order of the step. A schedule may fuse them away:
    /// [`TrainingStep::keep_activations`].
    pub activations: Vec<Activation>,
    /// The generator's storages.
    pub generator: NetworkStorages,
    /// The discriminator's storages.
    pub discriminator: NetworkStorages,
    /// The average's storages.
    pub average: AverageStorages,
    /// Sums of each [`Metric`] since the host last cleared them.
    pub metrics: StorageId,
    /// The host's numbers.
    pub scalars: StepScalars,
}

impl TrainingStep {
    /// Builds the step of two networks.
    ///
    /// # Errors
    /// If the networks do not fit one another or the batch.
    pub fn new(networks: &Networks, options: &TrainOptions) -> Result<Self, GraphError> {
        let mut graph = Graph::new("discriminator");
        let discriminator_phase = graph.current_phase();
        let generator = storages(&mut graph, &networks.generator);
        let discriminator = storages(&mut graph, &networks.discriminator);
        let average = AverageStorages {
            parameters: graph.storage("g.ema", Layout::parameters(&networks.generator).elements()),
            statistics: graph
                .storage("g.ema_statistics", Layout::statistics(&networks.generator).elements()),
        };
        let metrics = graph.storage("metrics", METRICS_ELEMENTS);
        let scalars = StepScalars {
            adam_step_size_g: graph.scalar("adam_step_size_g"),
            adam_step_size_d: graph.scalar("adam_step_size_d"),
            adam_correction: graph.scalar("adam_correction"),
            average_rate: graph.scalar("average_rate"),
        };
        let activations = Vec::new();
        let mut build = Build { graph, options, scalars, metrics, activations };
        let g = build.bind(&networks.generator, generator)?;
        let d = build.bind(&networks.discriminator, discriminator)?;

        build.graph.set_scope("input");
        let latents = networks.generator.input().batch(options.batch);
        let latents = build.graph.normal(&latents, streams::TRAINING_LATENTS)?;
        let pixels = TensorType { dtype: DType::U8, shape: networks.image().batch(options.batch) };
        let pixels = build.graph.input(pixels)?;
        let reals = build.graph.scale_pixels(pixels)?;

        let fakes = build.forward(&g, latents, Pass::Generator)?;
        let [real_logits, fake_logits] =
            build.update_discriminator(&d, discriminator, reals, fakes)?;
        let generator_phase = build.graph.begin_phase("generator");
        build.update_generator((&g, generator), &d, fakes)?;
        build.average(average.parameters, generator.parameters)?;
        build.average(average.statistics, generator.statistics)?;

        Ok(Self {
            graph: build.graph,
            discriminator_phase,
            generator_phase,
            pixels,
            latents,
            reals,
            fakes,
            real_logits,
            fake_logits,
            activations: build.activations,
            generator,
            discriminator,
            average,
            metrics,
            scalars,
        })
    }

    /// Lets the latents, both batches of images and every activation be read after the step. What
    /// the step computes is the same; it takes more memory and fuses less.
    pub fn keep_activations(&mut self) {
        let activations = self.activations.iter().map(|activation| activation.tensor);
        for tensor in [self.latents, self.reals, self.fakes].into_iter().chain(activations) {
            self.graph.output(tensor);
        }
    }

    /// Both phases, in order.
    pub fn phases(&self) -> [PhaseId; 2] {
        [self.discriminator_phase, self.generator_phase]
    }
}

fn storages(graph: &mut Graph, network: &Network) -> NetworkStorages {
    let name = network.name();
    let parameters = Layout::parameters(network).elements();
    let mut storage = |part, elements| graph.storage(&format!("{name}.{part}"), elements);
    NetworkStorages {
        parameters: storage("parameters", parameters),
        gradients: storage("gradients", parameters),
        first_moment: storage("m", parameters),
        second_moment: storage("v", parameters),
        statistics: storage("statistics", Layout::statistics(network).elements()),
    }
}

struct Build<'a> {
    graph: Graph,
    options: &'a TrainOptions,
    scalars: StepScalars,
    metrics: StorageId,
    activations: Vec<Activation>,
}

impl Build<'_> {
    fn bind<'n>(
        &mut self,
        network: &'n Network,
        storages: NetworkStorages,
    ) -> Result<BoundNetwork<'n>, GraphError> {
        self.graph.set_scope(network.name());
        let NetworkStorages { parameters, statistics, .. } = storages;
        BoundNetwork::new(&mut self.graph, network, parameters, statistics)
    }

    fn forward(
        &mut self,
        network: &BoundNetwork<'_>,
        x: TensorId,
        pass: Pass,
    ) -> Result<TensorId, GraphError> {
        let yielded = network.activations(&mut self.graph, x, Mode::Training(pass))?;
        let of_layer = |(layer, &tensor)| Activation { pass, layer, tensor };
        self.activations.extend(yielded.iter().enumerate().map(of_layer));
        Ok(yielded.last().copied().unwrap_or(x))
    }

    /// Returns the logits of reals and fakes.
    fn update_discriminator(
        &mut self,
        d: &BoundNetwork<'_>,
        storages: NetworkStorages,
        reals: TensorId,
        fakes: TensorId,
    ) -> Result<[TensorId; 2], GraphError> {
        let real_logits = self.forward(d, reals, Pass::DiscriminatorReal)?;
        let fake_logits = self.forward(d, fakes, Pass::DiscriminatorFake)?;

        self.graph.set_scope("loss_d");
        let real_loss = self.graph.bce_with_logits(real_logits, 1.0)?;
        let fake_loss = self.graph.bce_with_logits(fake_logits, 0.0)?;
        let loss = self.graph.add(real_loss, fake_loss)?;
        self.record(Metric::LossD, loss)?;
        for (metric, logits) in [(Metric::DReal, real_logits), (Metric::DFake, fake_logits)] {
            let probability = self.graph.sigmoid(logits)?;
            self.record(metric, probability)?;
        }

        self.graph.set_scope("d.backward");
        let seed = self.mean_seed(loss)?;
        let results = [(real_loss, Some(seed)), (fake_loss, Some(seed))];
        let gradients = self.graph.gradient(&results, &d.parameters())?;
        self.adam("d", d, storages, self.scalars.adam_step_size_d, &gradients)?;
        Ok([real_logits, fake_logits])
    }

    fn update_generator(
        &mut self,
        (g, storages): (&BoundNetwork<'_>, NetworkStorages),
        d: &BoundNetwork<'_>,
        fakes: TensorId,
    ) -> Result<(), GraphError> {
        let logits = self.forward(d, fakes, Pass::DiscriminatorGenerator)?;
        self.graph.set_scope("loss_g");
        let loss = self.graph.bce_with_logits(logits, 1.0)?;
        self.record(Metric::LossG, loss)?;

        self.graph.set_scope("g.backward");
        let seed = self.mean_seed(loss)?;
        let gradients = self.graph.gradient(&[(loss, Some(seed))], &g.parameters())?;
        self.adam("g", g, storages, self.scalars.adam_step_size_g, &gradients)
    }

    /// The gradient of a mean with respect to each of its terms.
    fn mean_seed(&mut self, terms: TensorId) -> Result<TensorId, GraphError> {
        let shape = self.graph.shape(terms).clone();
        self.graph.fill(1.0 / shape.elements() as f32, &shape)
    }

    /// Adds the mean of all elements to a metric.
    fn record(&mut self, metric: Metric, values: TensorId) -> Result<(), GraphError> {
        let mean = self.graph.mean_all(values)?;
        let total = self.graph.view(self.metrics, metric.offset(), &Shape::new(&[1]))?;
        self.graph.accumulate(mean, total)
    }

    fn adam(
        &mut self,
        name: &str,
        network: &BoundNetwork<'_>,
        storages: NetworkStorages,
        step_size: ScalarId,
        gradients: &[TensorId],
    ) -> Result<(), GraphError> {
        self.graph.set_scope(&format!("{name}.gradients"));
        for (slot, &gradient) in network.slots().zip(gradients) {
            let place = self.graph.view(storages.gradients, slot.offset, &slot.shape)?;
            self.graph.copy(gradient, place)?;
        }
        self.graph.set_scope(&format!("{name}.adam"));
        let NetworkStorages { parameters, gradients, first_moment, second_moment, .. } = storages;
        let mut operands = Vec::new();
        for storage in [parameters, gradients, first_moment, second_moment] {
            operands.push(self.whole(storage)?);
        }
        let adam = Op::Adam {
            first_rate: (1.0 - self.options.hyper_parameters.beta1) as f32,
            second_rate: (1.0 - self.options.hyper_parameters.beta2) as f32,
            epsilon: self.options.hyper_parameters.epsilon as f32,
            step_size,
            correction: self.scalars.adam_correction,
        };
        self.graph.push(adam, &operands).map(drop)
    }

    fn average(&mut self, average: StorageId, value: StorageId) -> Result<(), GraphError> {
        self.graph.set_scope("g.ema");
        let (average, value) = (self.whole(average)?, self.whole(value)?);
        self.graph.ema(average, value, self.scalars.average_rate)
    }

    fn whole(&mut self, storage: StorageId) -> Result<TensorId, GraphError> {
        let elements = self.graph.storages()[storage.index()].elements;
        self.graph.view(storage, 0, &Shape::new(&[elements]))
    }
}

#[cfg(test)]
mod tests;
