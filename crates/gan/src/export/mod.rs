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
    state::Weights,
    trainer::TrainError,
    weights::SavedState,
};
use safetensors::SafeTensorError;
use serde::{Deserialize, Serialize};

/// The version of ONNX's operators that models are made of: that of ONNX 1.12, of 2022. Later
/// runtimes read it as well.
pub const OPSET: i64 = 17;

/// The only key of a state dict's metadata; its value is JSON.
pub(crate) const METADATA_KEY: &str = "ganvas_export";

/// One of a run's two networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkKind {
    /// Latent vectors to images.
    Generator,
    /// Images to logits.
    Discriminator,
}

/// Which of a network's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// A network was asked for that the file does not have.
    #[error("there is no {asked}, only the {found}")]
    NoSuchNetwork {
        /// The one that was asked for.
        asked: &'static str,
        /// The one that is there.
        found: &'static str,
    },
    /// Weights of a generator were asked for that the file does not have, or not by name.
    #[error("the generator's {asked} weights are not told apart here: there are {found}")]
    NoSuchWeights {
        /// Those that were asked for.
        asked: &'static str,
        /// What is there.
        found: String,
    },
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
    numbers: Weights<'a>,
    origin: Origin<'a>,
}

/// Where an export comes from.
#[derive(Clone, Copy, Debug, Serialize)]
struct Origin<'a> {
    /// The version of the program.
    ganvas: &'static str,
    network: NetworkKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    weights: Option<WeightsKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<u64>,
    options: &'a TrainOptions,
}

impl<'a> Export<'a> {
    /// One network of a file, with `weights`, or those that it is drawn with where none are named:
    /// of a checkpoint's generator the average.
    ///
    /// # Errors
    /// [`ExportError::NoSuchNetwork`], [`ExportError::NoSuchWeights`] or [`ExportError::NoAverage`]
    /// for what the file does not have; [`ExportError::Networks`] if its options have no networks.
    pub fn new(
        saved: &'a SavedState,
        network: NetworkKind,
        weights: Option<WeightsKind>,
    ) -> Result<Self, ExportError> {
        let SavedState { state, networks: found, origin } = saved;
        if !found.contains(&network) {
            let found = found.first().map_or("nothing", |found| found.name());
            return Err(ExportError::NoSuchNetwork { asked: network.name(), found });
        }
        let (weights, numbers) = match network {
            NetworkKind::Generator => {
                let weights = chosen(weights, &origin.weights)?;
                (weights, state.generator_weights(weights.unwrap_or(WeightsKind::Average)))
            }
            NetworkKind::Discriminator if weights == Some(WeightsKind::Average) => {
                return Err(ExportError::NoAverage);
            }
            NetworkKind::Discriminator => {
                (Some(WeightsKind::Trained), state.discriminator.weights())
            }
        };
        let (ganvas, options) = (env!("CARGO_PKG_VERSION"), &state.options);
        let (step, images) = (origin.step, origin.images);
        let origin = Origin { ganvas, network, weights, step, images, options };
        let network = state.networks()?.of(network).clone();
        Ok(Self { network, numbers, origin })
    }

    /// Which of its network's numbers it has, where that is known.
    pub fn weights(&self) -> Option<WeightsKind> {
        self.origin.weights
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

/// Which of a generator's weights are taken: those asked for, the average, or what there is.
fn chosen(
    asked: Option<WeightsKind>,
    found: &[WeightsKind],
) -> Result<Option<WeightsKind>, ExportError> {
    match asked {
        None => Ok(found.first().copied()),
        Some(asked) if found.contains(&asked) => Ok(Some(asked)),
        Some(asked) => {
            let found = match found {
                [] => "weights of one kind, and nothing says which".to_owned(),
                found => format!(
                    "the {} ones",
                    found.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" and ")
                ),
            };
            Err(ExportError::NoSuchWeights { asked: asked.name(), found })
        }
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
