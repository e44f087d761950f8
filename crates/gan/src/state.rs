//! All that has to be kept to go on training, or to make pictures.

use crate::{
    networks::{Network, NetworkError, Networks},
    options::{OptionsError, TrainOptions},
    parameters::{Layout, initial_parameters, initial_statistics},
};

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
        options.check()?;
        let networks = Networks::new(options.preset, options.channels)?;
        let generator = NetworkState::new(&networks.generator, options.seed);
        let discriminator = NetworkState::new(&networks.discriminator, options.seed);
        let average = AverageState {
            parameters: generator.parameters.clone(),
            statistics: generator.statistics.clone(),
        };
        Ok(Self { options, step: 0, images: 0, generator, discriminator, average })
    }

    /// The networks that the numbers belong to.
    ///
    /// # Errors
    /// If the preset has none for the options' channels.
    pub fn networks(&self) -> Result<Networks, NetworkError> {
        Networks::new(self.options.preset, self.options.channels)
    }

    /// The name of the first number that is not finite, such as `g.param.main.4.weight`.
    pub(crate) fn not_finite(&self, networks: &Networks) -> Option<String> {
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        self.parts(networks).into_iter().find_map(|(prefix, layout, values)| {
            let bad = |slot: &&crate::parameters::Slot| !finite(&values[slot.range()]);
            layout.slots().iter().find(bad).map(|slot| format!("{prefix}.{}", slot.name))
        })
    }

    /// Every list of numbers with the prefix of its names in files and its layout.
    pub(crate) fn parts(&self, networks: &Networks) -> Vec<(&'static str, Layout, &[f32])> {
        let [g, d] = layouts(networks);
        let Self { generator, discriminator, average, .. } = self;
        vec![
            ("g.param", g.0.clone(), &generator.parameters),
            ("g.param", g.1.clone(), &generator.statistics),
            ("g.m", g.0.clone(), &generator.first_moment),
            ("g.v", g.0.clone(), &generator.second_moment),
            ("g.ema", g.0, &average.parameters),
            ("g.ema", g.1, &average.statistics),
            ("d.param", d.0.clone(), &discriminator.parameters),
            ("d.param", d.1, &discriminator.statistics),
            ("d.m", d.0.clone(), &discriminator.first_moment),
            ("d.v", d.0, &discriminator.second_moment),
        ]
    }

    /// The same as [`TrainState::parts`], to be changed.
    pub(crate) fn parts_mut(
        &mut self,
        networks: &Networks,
    ) -> Vec<(&'static str, Layout, &mut [f32])> {
        let [g, d] = layouts(networks);
        let Self { generator, discriminator, average, .. } = self;
        vec![
            ("g.param", g.0.clone(), &mut generator.parameters[..]),
            ("g.param", g.1.clone(), &mut generator.statistics[..]),
            ("g.m", g.0.clone(), &mut generator.first_moment[..]),
            ("g.v", g.0.clone(), &mut generator.second_moment[..]),
            ("g.ema", g.0, &mut average.parameters[..]),
            ("g.ema", g.1, &mut average.statistics[..]),
            ("d.param", d.0.clone(), &mut discriminator.parameters[..]),
            ("d.param", d.1, &mut discriminator.statistics[..]),
            ("d.m", d.0.clone(), &mut discriminator.first_moment[..]),
            ("d.v", d.0, &mut discriminator.second_moment[..]),
        ]
    }
}

impl NetworkState {
    fn new(network: &Network, seed: u64) -> Self {
        let parameters = initial_parameters(network, seed);
        let zeros = vec![0.0; parameters.len()];
        Self {
            first_moment: zeros.clone(),
            second_moment: zeros,
            parameters,
            statistics: initial_statistics(network),
        }
    }
}

/// Of the generator and of the discriminator: parameters and statistics.
fn layouts(networks: &Networks) -> [(Layout, Layout); 2] {
    [&networks.generator, &networks.discriminator]
        .map(|network| (Layout::parameters(network), Layout::statistics(network)))
}
