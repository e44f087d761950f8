//! All that has to be kept to go on training, or to make pictures.

use crate::{
    executor::Device,
    export::WeightsKind,
    networks::{Network, NetworkError, Networks},
    options::{OptionsError, TrainOptions},
    parameters::{Layout, Slot, initial_parameters, initial_statistics},
    trainer::Metrics,
    variants::ChosenVariants,
};
use tensor_ops::Choices;

/// A training run between two steps. Numbers are in flat memory order, as their [`Layout`] says.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainState {
    /// What determines the run.
    pub options: TrainOptions,
    /// Steps done.
    pub step: u64,
    /// Images seen.
    pub images: u64,
    /// The generator.
    pub generator: NetworkState,
    /// The discriminator.
    pub discriminator: NetworkState,
    /// The generator's average, which makes the pictures.
    pub average: AverageState,
    /// What it was done in, where it was done on an adapter.
    pub variants: Option<ChosenVariants>,
    /// What the log has yet to say of the last steps, where training stopped between two lines.
    pub unlogged: Option<Metrics>,
}

/// A network's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkState {
    /// The weights.
    pub parameters: Vec<f32>,
    /// Adam's first moment.
    pub first_moment: Vec<f32>,
    /// Adam's second moment.
    pub second_moment: Vec<f32>,
    /// Batch norm's running statistics.
    pub statistics: Vec<f32>,
}

/// The exponential moving average of a generator.
#[derive(Clone, Debug, PartialEq)]
pub struct AverageState {
    /// Of its weights.
    pub parameters: Vec<f32>,
    /// Of its running statistics.
    pub statistics: Vec<f32>,
}

/// What a network computes with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights<'a> {
    /// Its weights.
    pub parameters: &'a [f32],
    /// Batch norm's running statistics.
    pub statistics: &'a [f32],
}

/// Options that no training run can have.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StateError {
    /// A number is out of its range.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The preset has no networks for these images.
    #[error(transparent)]
    Networks(#[from] NetworkError),
}

impl TrainState {
    /// The state before the first step: a function of the options alone.
    ///
    /// # Errors
    /// If an option is out of its range.
    pub fn new(options: TrainOptions) -> Result<Self, StateError> {
        let mut state = Self::zeros(options)?;
        let networks = state.networks()?;
        let TrainState { options: TrainOptions { seed, .. }, generator, discriminator, .. } =
            &mut state;
        for (network, numbers) in
            [(&networks.generator, generator), (&networks.discriminator, discriminator)]
        {
            numbers.parameters = initial_parameters(network, *seed);
            numbers.statistics = initial_statistics(network);
        }
        state.start_average();
        Ok(state)
    }

    /// A state whose every number is 0, to be filled.
    ///
    /// # Errors
    /// If an option is out of its range.
    pub(crate) fn zeros(options: TrainOptions) -> Result<Self, StateError> {
        options.check()?;
        let networks = options.networks()?;
        let generator = NetworkState::zeros(&networks.generator);
        let discriminator = NetworkState::zeros(&networks.discriminator);
        let average = AverageState {
            parameters: generator.parameters.clone(),
            statistics: generator.statistics.clone(),
        };
        Ok(Self {
            options,
            step: 0,
            images: 0,
            generator,
            discriminator,
            average,
            variants: None,
            unlogged: None,
        })
    }

    /// Lets the average begin at the generator's numbers.
    pub(crate) fn start_average(&mut self) {
        self.average.parameters.clone_from(&self.generator.parameters);
        self.average.statistics.clone_from(&self.generator.statistics);
    }

    /// The generator's numbers of a kind.
    pub fn generator_weights(&self, kind: WeightsKind) -> Weights<'_> {
        match kind {
            WeightsKind::Average => self.average.weights(),
            WeightsKind::Trained => self.generator.weights(),
        }
    }

    /// The networks that the numbers belong to.
    ///
    /// # Errors
    /// If the options have none.
    pub fn networks(&self) -> Result<Networks, NetworkError> {
        self.options.networks()
    }

    /// The variants to go on in on a device: the state's, if they were chosen on it.
    pub(crate) fn choices_on(&self, device: &Device) -> Choices {
        let Device::Gpu(gpu) = device else { return Choices::default() };
        let chosen = self.variants.as_ref().filter(|chosen| chosen.adapter == gpu.adapter());
        chosen.map(ChosenVariants::choices).unwrap_or_default()
    }

    /// The name of the first number that is not finite, such as `g.param.main.4.weight`.
    pub(crate) fn not_finite(&self, networks: &Networks) -> Option<String> {
        parts(networks).iter().zip(self.lists()).find_map(|(part, values)| {
            let finite = |slot: &&Slot| values[slot.range()].iter().all(|value| value.is_finite());
            part.layout.slots().iter().find(|slot| !finite(slot)).map(|slot| part.name(slot))
        })
    }

    /// Every list of numbers, in the order of [`parts`].
    pub(crate) fn lists(&self) -> [&[f32]; PARTS] {
        let Self { generator: g, discriminator: d, average, .. } = self;
        [
            &g.parameters,
            &g.statistics,
            &g.first_moment,
            &g.second_moment,
            &average.parameters,
            &average.statistics,
            &d.parameters,
            &d.statistics,
            &d.first_moment,
            &d.second_moment,
        ]
    }

    /// Every list of numbers, in the order of [`parts`], to be changed.
    pub(crate) fn lists_mut(&mut self) -> [&mut [f32]; PARTS] {
        let Self { generator: g, discriminator: d, average, .. } = self;
        [
            &mut g.parameters,
            &mut g.statistics,
            &mut g.first_moment,
            &mut g.second_moment,
            &mut average.parameters,
            &mut average.statistics,
            &mut d.parameters,
            &mut d.statistics,
            &mut d.first_moment,
            &mut d.second_moment,
        ]
    }
}

/// How many lists of numbers a state has.
pub(crate) const PARTS: usize = 10;

/// One list of a state's numbers.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// What its tensors' names in files begin with, such as `g.param`.
    pub(crate) prefix: &'static str,
    /// The places of its tensors.
    pub(crate) layout: Layout,
}

impl Part {
    /// A tensor's name in files.
    pub(crate) fn name(&self, slot: &Slot) -> String {
        format!("{}.{}", self.prefix, slot.name)
    }
}

/// The lists of a state of these networks.
pub(crate) fn parts(networks: &Networks) -> [Part; PARTS] {
    let [g, d] = [&networks.generator, &networks.discriminator];
    let weights = |prefix, network| Part { prefix, layout: Layout::parameters(network) };
    let statistics = |prefix, network| Part { prefix, layout: Layout::statistics(network) };
    [
        weights("g.param", g),
        statistics("g.param", g),
        weights("g.m", g),
        weights("g.v", g),
        weights("g.ema", g),
        statistics("g.ema", g),
        weights("d.param", d),
        statistics("d.param", d),
        weights("d.m", d),
        weights("d.v", d),
    ]
}

impl AverageState {
    /// What the generator computes with on the average.
    pub fn weights(&self) -> Weights<'_> {
        Weights { parameters: &self.parameters, statistics: &self.statistics }
    }
}

impl NetworkState {
    /// What the network computes with.
    pub fn weights(&self) -> Weights<'_> {
        Weights { parameters: &self.parameters, statistics: &self.statistics }
    }

    fn zeros(network: &Network) -> Self {
        let parameters = vec![0.0; Layout::parameters(network).elements()];
        Self {
            first_moment: parameters.clone(),
            second_moment: parameters.clone(),
            parameters,
            statistics: vec![0.0; Layout::statistics(network).elements()],
        }
    }
}
