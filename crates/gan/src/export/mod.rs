//! A trained network as a file for other programs: an ONNX model, or a state dict of PyTorch's as
//! safetensors.
//!
//! Both hold the network as it makes pictures: batch norm by its running statistics, dropout off.
//! Tensors have PyTorch's names, layouts and order of channels.
//!
//! | network | takes | yields |
//! |---|---|---|
//! | generator | `z`, (batch, 100), standard normal | `image`, (batch, C, H, W) in [-1, 1] |
//! | discriminator | `image`, the same | `logit`, (batch, 1), above 0 for real |
//!
//! (x + 1) · 127.5 is a pixel from 0 to 255. Of four channels the fourth is alpha, and the others
//! are colours multiplied by it.

mod onnx;
mod samples;
mod state_dict;

pub use samples::samples;
pub use state_dict::encode_network;

use crate::{
    networks::{Form, Network, NetworkError, SampleShape},
    options::TrainOptions,
    state::TrainState,
    trainer::TrainError,
};
use safetensors::SafeTensorError;
use serde::Serialize;

/// The version of ONNX's operators that models are made of: that of ONNX 1.12, of 2022. Later
/// runtimes read it as well.
pub const OPSET: i64 = 17;

/// The only key of a state dict's metadata; its value is JSON.
pub(crate) const METADATA_KEY: &str = "ganvas_export";

/// One of a run's two networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkKind {
    /// Latent vectors to images.
    Generator,
    /// Images to logits.
    Discriminator,
}

/// Which of a network's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WeightsKind {
    /// The exponential moving average, which makes a run's pictures; only generators have one.
    Average,
    /// Those that the optimiser has changed last.
    Trained,
}

/// What cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The state's options have no networks.
    #[error(transparent)]
    Networks(#[from] NetworkError),
    /// The average of a discriminator was asked for.
    #[error("only the generator has averaged weights; of the discriminator there are the trained")]
    NoAverage,
    /// The metadata are no JSON.
    #[error("the export's metadata: {0}")]
    Metadata(#[from] serde_json::Error),
    /// The tensors are no safetensors file.
    #[error("the export's tensors: {0}")]
    Format(#[from] SafeTensorError),
    /// The device could not make the samples.
    #[error("cannot draw samples")]
    Samples(#[from] TrainError),
}

/// A network with its numbers, ready to be written.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    network: Network,
    /// In memory's order, as the network's layouts say.
    parameters: &'a [f32],
    statistics: &'a [f32],
    origin: Origin<'a>,
}

/// Where an export comes from.
#[derive(Clone, Copy, Debug, Serialize)]
struct Origin<'a> {
    /// The version of the program.
    ganvas: &'static str,
    network: NetworkKind,
    weights: WeightsKind,
    step: u64,
    images: u64,
    options: &'a TrainOptions,
}

impl<'a> Export<'a> {
    /// One network of a state.
    ///
    /// # Errors
    /// [`ExportError::NoAverage`] for the average of a discriminator; [`ExportError::Networks`] if
    /// the state's options have no networks.
    pub fn new(
        state: &'a TrainState,
        network: NetworkKind,
        weights: WeightsKind,
    ) -> Result<Self, ExportError> {
        let TrainState { options, step, images, generator, discriminator, average, .. } = state;
        let (parameters, statistics) = match (network, weights) {
            (NetworkKind::Generator, WeightsKind::Average) => {
                (&average.parameters, &average.statistics)
            }
            (NetworkKind::Generator, WeightsKind::Trained) => {
                (&generator.parameters, &generator.statistics)
            }
            (NetworkKind::Discriminator, WeightsKind::Trained) => {
                (&discriminator.parameters, &discriminator.statistics)
            }
            (NetworkKind::Discriminator, WeightsKind::Average) => {
                return Err(ExportError::NoAverage);
            }
        };
        let ganvas = env!("CARGO_PKG_VERSION");
        let origin = Origin { ganvas, network, weights, step: *step, images: *images, options };
        let networks = state.networks()?;
        let network = match network {
            NetworkKind::Generator => networks.generator,
            NetworkKind::Discriminator => networks.discriminator,
        };
        Ok(Self { network, parameters, statistics, origin })
    }

    /// An ONNX model of opset 17, its batch of any size; the same bytes for the same export.
    pub fn onnx(&self) -> Vec<u8> {
        onnx::encode(self)
    }

    /// A safetensors file that `load_state_dict` takes; the same bytes for the same export.
    ///
    /// # Errors
    /// [`ExportError::Metadata`] or [`ExportError::Format`] if the format cannot hold it.
    pub fn state_dict(&self) -> Result<Vec<u8>, ExportError> {
        state_dict::encode(self)
    }
}

impl NetworkKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Generator, Self::Discriminator];

    /// What its tensors' names in files begin with.
    pub(crate) fn letter(self) -> &'static str {
        match self {
            Self::Generator => "g",
            Self::Discriminator => "d",
        }
    }

    /// Its name in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generator => "generator",
            Self::Discriminator => "discriminator",
        }
    }
}

impl WeightsKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Average, Self::Trained];

    /// Its name in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Average => "average",
            Self::Trained => "trained",
        }
    }
}

/// What the numbers of a sample are.
fn in_words(sample: SampleShape) -> &'static str {
    match (sample.form, sample.channels) {
        (Form::Image, 1) => "grey in [-1, 1]",
        (Form::Image, 3) => "red, green and blue in [-1, 1]",
        (Form::Image, 4) => {
            "red, green, blue and alpha in [-1, 1], the colours multiplied by alpha"
        }
        (Form::Features, 1) => "a logit, above 0 for real",
        _ => "standard normal",
    }
}

#[cfg(test)]
mod tests;
