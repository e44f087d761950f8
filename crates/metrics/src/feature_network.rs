//! Networks whose features images are compared by.

use crate::MetricsError;
use gan::{
    data::Labels,
    export::encode_network,
    networks::{Initialisation, Layer, Network, NetworkError, SampleShape},
    parameters::{Layout, Role, initial_parameters},
    weights::{decode_network, metadata},
};
use graph::Window;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of the files that are written and read.
const FORMAT_VERSION: u32 = 1;
/// The only key of a file's metadata; its value is JSON.
const METADATA_KEY: &str = "ganvas_classifier";
/// A classifier of MNIST's digits.
const DIGITS: &[u8] = include_bytes!("../../../assets/digits-classifier.safetensors");
/// Features of an image, before its classes: as many as LeNet-5 has there (LeCun et al. 1998).
pub const FEATURES: usize = 84;
/// Channels of the first convolution, and the most of any.
const CHANNELS: [usize; 2] = [16, 128];
/// Convolutions halve images until no side is longer.
const SMALLEST_SIDE: usize = 8;
const SLOPE: f32 = 0.1;
/// The most classes that a file may have.
const MOST_CLASSES: usize = 1000;

/// A convolutional network that yields features of images, and their class if it was trained for
/// that.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureNetwork {
    network: Network,
    parameters: Vec<f32>,
    origin: Origin,
}

/// Where a network's weights come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// They were trained to tell classes apart.
    Trained(Trained),
    /// They are as a seed made them: what is measured by them compares runs, and is no number of its
    /// own.
    Random {
        /// The seed.
        seed: u64,
    },
}

/// How a classifier was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trained {
    /// What the classes are called.
    pub classes: Vec<String>,
    /// The data set that it was trained on.
    pub data: String,
    /// The [checksum](gan::data::Dataset::checksum) of that data set.
    pub checksum: u32,
    /// Images that it was trained on.
    pub images: usize,
    /// How often it saw each of them.
    pub epochs: usize,
    /// The seed of its weights and of the order of images.
    pub seed: u64,
    /// The images that it was tested on, which are none of those that it was trained on: their data
    /// set, or `held out` for those that were left out of the training data.
    pub tested_on: String,
    /// The checksum of that data set.
    pub test_checksum: u32,
    /// Images that it was tested on.
    pub tests: usize,
    /// How many of them it put into the right class.
    pub correct: usize,
}

impl Trained {
    /// The share of test images in the right class.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.tests.max(1) as f64
    }
}

/// What a file says beside its tensors.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    format: u32,
    /// `[height, width, channels]`.
    image: [usize; 3],
    trained: Trained,
}

impl FeatureNetwork {
    /// The bundled classifier of MNIST's digits, for grey images of 28x28.
    ///
    /// # Errors
    /// Never, if the program was built from whole files.
    pub fn digits() -> Result<Self, MetricsError> {
        Self::decode(DIGITS)
    }

    /// The SHA-256 of a classifier's file, as 64 hexadecimal digits; empty of a network that was not
    /// trained.
    pub fn hash(&self) -> String {
        let Ok(Some(bytes)) = self.encode() else { return String::new() };
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A network that stays as `seed` made it.
    ///
    /// # Errors
    /// [`MetricsError::Network`] for images that have no pixel.
    pub fn random(image: SampleShape, seed: u64) -> Result<Self, MetricsError> {
        let network = architecture(image, 0)?;
        let parameters = initial_parameters(&network, seed);
        Ok(Self { network, parameters, origin: Origin::Random { seed } })
    }

    /// A classifier before it is trained.
    pub(crate) fn untrained(
        image: SampleShape,
        labels: &Labels,
        seed: u64,
    ) -> Result<(Network, Vec<f32>), MetricsError> {
        let network = architecture(image, labels.classes.len())?;
        let parameters = initial_parameters(&network, seed);
        Ok((network, parameters))
    }

    /// A classifier that was trained.
    pub(crate) fn trained(network: Network, parameters: Vec<f32>, trained: Trained) -> Self {
        Self { network, parameters, origin: Origin::Trained(trained) }
    }

    /// Notes how many tests were passed.
    pub(crate) fn set_correct(&mut self, correct: usize) {
        if let Origin::Trained(trained) = &mut self.origin {
            trained.correct = correct;
        }
    }

    /// Multiplies features by a positive factor, and the weights behind them by its inverse: LeakyReLU
    /// keeps a factor, so that logits stay.
    pub(crate) fn scale_features(&mut self, factor: f64) {
        let last = self.network.layers().count() - 1;
        let layout = Layout::parameters(&self.network);
        for slot in layout.slots() {
            // The dense layer before the activation before the classes.
            let factor = match (slot.layer, slot.role) {
                (layer, _) if layer + 2 == last => factor,
                (layer, Role::Weight) if layer == last => factor.recip(),
                _ => continue,
            };
            for value in &mut self.parameters[slot.range()] {
                *value = (f64::from(*value) * factor) as f32;
            }
        }
    }

    /// Its layers.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Its weights, in flat memory order.
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// Where its weights come from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What its classes are called; none where it was not trained.
    pub fn classes(&self) -> &[String] {
        match &self.origin {
            Origin::Trained(trained) => &trained.classes,
            Origin::Random { .. } => &[],
        }
    }

    /// Whether images of this data set are what it was trained or tested on.
    pub fn knows(&self, checksum: u32) -> bool {
        match &self.origin {
            Origin::Trained(trained) => {
                [trained.checksum, trained.test_checksum].contains(&checksum)
            }
            Origin::Random { .. } => false,
        }
    }

    /// A safetensors file of a classifier, with PyTorch's names and layouts: the same bytes for the
    /// same classifier. `None` of a network that was not trained.
    ///
    /// # Errors
    /// [`MetricsError::Export`] if it has no file.
    pub fn encode(&self) -> Result<Option<Vec<u8>>, MetricsError> {
        let Origin::Trained(trained) = &self.origin else { return Ok(None) };
        let SampleShape { height, width, channels, .. } = self.network.input();
        let metadata = Metadata {
            format: FORMAT_VERSION,
            image: [height, width, channels],
            trained: trained.clone(),
        };
        Ok(Some(encode_network(&self.network, &self.parameters, METADATA_KEY, &metadata)?))
    }

    /// The classifier in a file that [`FeatureNetwork::encode`] made.
    ///
    /// # Errors
    /// [`MetricsError::NotAClassifier`] or [`MetricsError::Weights`] for any other bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, MetricsError> {
        let refuse =
            |problem: &dyn std::fmt::Display| MetricsError::NotAClassifier(problem.to_string());
        let json = metadata(bytes, METADATA_KEY)?
            .ok_or_else(|| refuse(&format!("its metadata have no `{METADATA_KEY}`")))?;
        let Metadata { format, image: [height, width, channels], trained } =
            serde_json::from_str(&json).map_err(|error| refuse(&error))?;
        if format != FORMAT_VERSION {
            let problem = format!("it has format {format}; this version reads {FORMAT_VERSION}");
            return Err(MetricsError::NotAClassifier(problem));
        }
        let sides = 1..=gan::networks::SIZE_AT_MOST;
        let fits = [height, width].iter().all(|side| sides.contains(side))
            && [1, 3, 4].contains(&channels)
            && (2..=MOST_CLASSES).contains(&trained.classes.len());
        if !fits {
            let classes = trained.classes.len();
            return Err(refuse(&format!(
                "it is said to be of {classes} classes of images {height}x{width}x{channels} (H, W, C)"
            )));
        }
        let image = SampleShape::image(channels, height, width);
        let network = architecture(image, trained.classes.len())?;
        let parameters = decode_network(bytes, &network)?;
        Ok(Self::trained(network, parameters, trained))
    }
}

/// Convolutions of 5x5 and stride 2, as LeNet-5 has them but for its subsampling, then 84 features,
/// then the classes, if there are any.
fn architecture(image: SampleShape, classes: usize) -> Result<Network, NetworkError> {
    let [mut outputs, most] = CHANNELS;
    let mut side = image.height.max(image.width);
    let mut layers = Vec::new();
    while side > SMALLEST_SIDE {
        layers.push(Layer::Conv2d { outputs, window: Window::square(5, 2, 2), bias: true });
        layers.push(Layer::LeakyRelu { slope: SLOPE });
        outputs = most.min(2 * outputs);
        side = side.div_ceil(2);
    }
    layers.push(Layer::Flatten);
    layers.push(Layer::Dense { outputs: FEATURES, bias: true });
    layers.push(Layer::LeakyRelu { slope: SLOPE });
    if classes > 0 {
        layers.push(Layer::Dense { outputs: classes, bias: true });
    }
    Network::new("classifier", Initialisation::GlorotUniform, image, layers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_every_size_have_a_network() {
        for (height, width, channels) in
            [(28, 28, 1), (64, 64, 3), (48, 96, 4), (256, 16, 3), (1, 1, 1)]
        {
            let image = SampleShape::image(channels, height, width);
            let network = FeatureNetwork::random(image, 0).unwrap();
            assert_eq!(network.network().output().elements(), FEATURES, "{image}");
            assert!(network.encode().unwrap().is_none() && network.classes().is_empty());
        }
    }

    #[test]
    fn damaged_files_are_refused() {
        let good = FeatureNetwork::digits().unwrap().encode().unwrap().unwrap();
        assert_eq!(good, DIGITS, "a file is the same when it is written again");
        for length in (0..good.len()).step_by(4999) {
            assert!(FeatureNetwork::decode(&good[..length]).is_err(), "{length}");
        }
        let text = String::from_utf8_lossy(&good).into_owned();
        let place = text.find("[28,28,1]").unwrap();
        for image in ["[28,28,9]", "[99,28,1]", "[28,0,1] "] {
            let mut bad = good.clone();
            bad[place..place + 9].copy_from_slice(image.as_bytes());
            assert!(FeatureNetwork::decode(&bad).is_err(), "{image}");
        }
    }
}
