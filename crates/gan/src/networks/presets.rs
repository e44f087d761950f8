//! The networks that Ganvas knows by name.

use super::{Dcgan, Initialisation, Layer, Network, NetworkError, SampleShape};
use crate::export::NetworkKind;
use graph::Window;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Elements of a latent vector, in every preset.
pub const LATENT_SIZE: usize = 100;

/// The base width of the presets of Radford et al. 2015: the channels next to the image.
pub const DEFAULT_WIDTH: usize = 64;

/// A pair of networks by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Preset {
    /// Keras's DCGAN for MNIST: 28x28 grey images.
    #[serde(rename = "dcgan28")]
    Dcgan28,
    /// `dcgan28` with every width divided by four.
    #[serde(rename = "dcgan28-small")]
    Dcgan28Small,
    /// Radford et al. 2015 as PyTorch's example has it: 64x64 images.
    #[serde(rename = "dcgan64")]
    Dcgan64,
    /// The same for images of any size, by [`Dcgan`].
    #[serde(rename = "dcgan")]
    Dcgan,
}

impl Preset {
    /// Every preset.
    pub fn all() -> &'static [Self] {
        &[Self::Dcgan28, Self::Dcgan28Small, Self::Dcgan64, Self::Dcgan]
    }

    /// The name that users type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dcgan28 => "dcgan28",
            Self::Dcgan28Small => "dcgan28-small",
            Self::Dcgan64 => "dcgan64",
            Self::Dcgan => "dcgan",
        }
    }

    /// Height and width of its images, those that nobody asked to be otherwise for `dcgan`.
    pub fn image_size(self) -> [usize; 2] {
        match self {
            Self::Dcgan28 | Self::Dcgan28Small => [28, 28],
            Self::Dcgan64 | Self::Dcgan => [64, 64],
        }
    }

    /// Whether its images can have so many channels.
    pub fn takes_channels(self, channels: usize) -> bool {
        match self {
            Self::Dcgan28 | Self::Dcgan28Small => channels == 1,
            Self::Dcgan64 | Self::Dcgan => matches!(channels, 1 | 3 | 4),
        }
    }

    /// The channels that its images can have, in words.
    pub(super) fn channels_accepted(self) -> &'static str {
        match self {
            Self::Dcgan28 | Self::Dcgan28Small => "1",
            Self::Dcgan64 | Self::Dcgan => "1, 3 or 4",
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no preset's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no preset `{0}`; there are dcgan28, dcgan28-small, dcgan64 and dcgan")]
pub struct UnknownPreset(String);

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        let found = Self::all().iter().find(|preset| preset.name() == name);
        found.copied().ok_or_else(|| UnknownPreset(name.to_owned()))
    }
}

/// A generator and its discriminator.
#[derive(Clone, Debug, PartialEq)]
pub struct Networks {
    /// Makes images of latent vectors.
    pub generator: Network,
    /// Yields one logit an image: above 0 for real.
    pub discriminator: Network,
}

impl Networks {
    /// The networks of a preset at its own size and width, for images of so many channels.
    ///
    /// # Errors
    /// [`NetworkError::Channels`] if the preset has none for such images.
    pub fn new(preset: Preset, channels: usize) -> Result<Self, NetworkError> {
        if !preset.takes_channels(channels) {
            let accepted = preset.channels_accepted();
            return Err(NetworkError::Channels { preset, channels, accepted });
        }
        match preset {
            Preset::Dcgan28 => dcgan28(64),
            Preset::Dcgan28Small => dcgan28(16),
            Preset::Dcgan64 | Preset::Dcgan => {
                Dcgan { size: preset.image_size(), channels, width: DEFAULT_WIDTH }.networks()
            }
        }
    }

    /// One of them.
    pub fn of(&self, kind: NetworkKind) -> &Network {
        match kind {
            NetworkKind::Generator => &self.generator,
            NetworkKind::Discriminator => &self.discriminator,
        }
    }

    /// The shape of one image.
    pub fn image(&self) -> SampleShape {
        self.generator.output()
    }
}

pub(super) const BATCH_NORM: Layer = Layer::BatchNorm { epsilon: 1e-5, momentum: 0.1 };

/// `width` is that of the layers at 14x14; those at 7x7 have more.
fn dcgan28(width: usize) -> Result<Networks, NetworkError> {
    let activation = Layer::LeakyRelu { slope: 0.3 };
    let dropout = Layer::Dropout { rate: 0.3 };
    let up = |outputs, stride, output_padding| Layer::ConvTranspose2d {
        outputs,
        window: Window::square(5, stride, 2),
        output_padding: [output_padding; 2],
        bias: false,
    };
    let down = |outputs| Layer::Conv2d { outputs, window: Window::square(5, 2, 2), bias: true };
    let channels = 4 * width;
    let generator = vec![
        Layer::Dense { outputs: 7 * 7 * channels, bias: false },
        BATCH_NORM,
        activation.clone(),
        Layer::Reshape { height: 7, width: 7, channels },
        up(2 * width, 1, 0),
        BATCH_NORM,
        activation.clone(),
        up(width, 2, 1),
        BATCH_NORM,
        activation.clone(),
        up(1, 2, 1),
        Layer::Tanh,
    ];
    let discriminator = vec![
        down(width),
        activation.clone(),
        dropout.clone(),
        down(2 * width),
        activation,
        dropout,
        Layer::Flatten,
        Layer::Dense { outputs: 1, bias: true },
    ];
    let latent = SampleShape::features(LATENT_SIZE);
    let image = SampleShape::image(1, 28, 28);
    pair(Initialisation::GlorotUniform, (latent, generator), (image, discriminator))
}

pub(super) fn pair(
    initialisation: Initialisation,
    (latent, generator): (SampleShape, Vec<Layer>),
    (image, discriminator): (SampleShape, Vec<Layer>),
) -> Result<Networks, NetworkError> {
    Ok(Networks {
        generator: Network::new("g", initialisation, latent, generator)?,
        discriminator: Network::new("d", initialisation, image, discriminator)?,
    })
}
