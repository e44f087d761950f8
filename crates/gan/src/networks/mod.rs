//! Networks as data: a list of layers with checked shapes.

mod dcgan;
mod layer;
mod presets;
mod table;

pub use dcgan::{Dcgan, SIZE_AT_LEAST, SIZE_AT_MOST, SIZE_STEP, WIDTH_AT_MOST, check_size};
pub use layer::{Form, Layer, SampleShape};
pub use presets::{DEFAULT_WIDTH, LATENT_SIZE, Networks, Preset, UnknownPreset};
pub use table::LayerRow;

/// How a network's weights start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initialisation {
    /// Weights uniform in ±√(6 / (fan_in + fan_out)) (Glorot & Bengio 2010), batch norm's scale 1,
    /// every bias and shift 0.
    GlorotUniform,
    /// Weights N(0, deviation), batch norm's scale N(1, deviation), every bias and shift 0
    /// (Radford et al. 2015).
    Normal {
        /// The standard deviation.
        deviation: f32,
    },
}

/// A chain of layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    name: &'static str,
    initialisation: Initialisation,
    input: SampleShape,
    layers: Vec<Layer>,
    outputs: Vec<SampleShape>,
}

impl Network {
    /// Checks that each layer fits the one before it.
    ///
    /// # Errors
    /// [`NetworkError::Layer`] for the first layer that does not.
    pub fn new(
        name: &'static str,
        initialisation: Initialisation,
        input: SampleShape,
        layers: Vec<Layer>,
    ) -> Result<Self, NetworkError> {
        let mut outputs: Vec<SampleShape> = Vec::new();
        for (index, layer) in layers.iter().enumerate() {
            let found = *outputs.last().unwrap_or(&input);
            let output = layer.output(found, &layers[index + 1..]).map_err(|needs| {
                let layer = layer.to_string();
                NetworkError::Layer { place: format!("{name}.main.{index}"), layer, needs, found }
            })?;
            outputs.push(output);
        }
        Ok(Self { name, initialisation, input, layers, outputs })
    }

    /// `g` or `d`: the prefix of its names.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How its weights start.
    pub fn initialisation(&self) -> Initialisation {
        self.initialisation
    }

    /// The shape of one sample that it takes.
    pub fn input(&self) -> SampleShape {
        self.input
    }

    /// The shape of one sample that it yields.
    pub fn output(&self) -> SampleShape {
        *self.outputs.last().unwrap_or(&self.input)
    }

    /// Each layer with the shapes of one sample before and after it.
    pub fn layers(&self) -> impl Iterator<Item = (&Layer, SampleShape, SampleShape)> {
        let inputs = std::iter::once(&self.input).chain(&self.outputs);
        self.layers
            .iter()
            .zip(inputs.zip(&self.outputs))
            .map(|(layer, (&input, &output))| (layer, input, output))
    }
}

/// A network that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// A layer does not fit what comes before it.
    #[error("{place} ({layer}): needs {needs}; found {found}")]
    Layer {
        /// The layer's place, such as `g.main.3`.
        place: String,
        /// The layer in words.
        layer: String,
        /// What would fit.
        needs: &'static str,
        /// The shape of one sample before it.
        found: SampleShape,
    },
    /// There is no DCGAN for images of this size.
    #[error(
        "a dcgan's width and height are multiples of {SIZE_STEP} from {SIZE_AT_LEAST} to \
         {SIZE_AT_MOST}, not {}; {}",
        in_words(*size),
        nearest(*size)
    )]
    Size {
        /// The height and width asked for.
        size: [usize; 2],
    },
    /// There is no DCGAN of this base width.
    #[error("a dcgan's base width is from 1 to {WIDTH_AT_MOST}, not {width}")]
    Width {
        /// The base width asked for.
        width: usize,
    },
    /// A size or a width was asked of a preset that has its own.
    #[error("preset {preset} has a size and a width of its own; for others take preset dcgan")]
    Fixed {
        /// The preset asked for.
        preset: Preset,
    },
    /// The preset has no network for images of so many channels.
    #[error("preset {preset} takes images of {accepted} channels, not of {channels}")]
    Channels {
        /// The preset asked for.
        preset: Preset,
        /// The channels asked for.
        channels: usize,
        /// The channels it takes.
        accepted: &'static str,
    },
}

/// Width by height, as images are spoken of.
fn in_words([height, width]: [usize; 2]) -> String {
    format!("{width}x{height}")
}

fn nearest(size: [usize; 2]) -> String {
    let sizes: Vec<String> = dcgan::nearest_sizes(size).into_iter().map(in_words).collect();
    let verb = if sizes.len() == 1 { "is" } else { "are" };
    format!("nearest {verb} {}", sizes.join(" and "))
}
