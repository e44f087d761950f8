//! Parameters in flat storage.
//!
//! All of a network's parameters share one storage, each at a multiple of 64 elements, so that one
//! kernel updates them all and each can still be bound on its own. Gradients, Adam's moments and
//! the average have the same layout; running statistics have a storage and layout of their own.

mod border;
mod initialise;

pub use border::Border;
pub(crate) use initialise::Draw;
pub use initialise::{initial_parameters, initial_statistics};

use crate::networks::{Form, Layer, Network, SampleShape};

/// Elements between the places where parameters can start: 256 bytes, the coarsest alignment that
/// an adapter may ask of a binding.
pub const ALIGNMENT: usize = 64;

/// What a parameter does in its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The weight of a dense layer or a convolution.
    Weight,
    /// What a dense layer or a convolution adds to each output.
    Bias,
    /// Batch norm's γ.
    Scale,
    /// Batch norm's β.
    Shift,
    /// Batch norm's running mean.
    RunningMean,
    /// Batch norm's running variance.
    RunningVariance,
}

impl Role {
    /// Whether an optimiser changes it.
    pub fn is_trainable(self) -> bool {
        !matches!(self, Self::RunningMean | Self::RunningVariance)
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Weight | Self::Scale => "weight",
            Self::Bias | Self::Shift => "bias",
            Self::RunningMean => "running_mean",
            Self::RunningVariance => "running_var",
        }
    }
}

/// One parameter's place in flat storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// PyTorch's name, such as `main.4.weight`.
    pub name: String,
    /// Its layer, from 0.
    pub layer: usize,
    /// What it does there.
    pub role: Role,
    /// Its first element.
    pub offset: usize,
    /// Its extents in memory order.
    pub shape: graph::Shape,
    /// How it looks in PyTorch.
    pub border: Border,
}

impl Slot {
    /// The number of its elements.
    pub fn elements(&self) -> usize {
        self.shape.elements()
    }

    /// Its elements in a flat storage.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.elements()
    }
}

/// The places of parameters in one flat storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    slots: Vec<Slot>,
    elements: usize,
}

impl Layout {
    /// The places of a network's trainable parameters.
    pub fn parameters(network: &Network) -> Self {
        Self::of(network, trainable)
    }

    /// The places of a network's running statistics.
    pub fn statistics(network: &Network) -> Self {
        Self::of(network, |layer, input, _| match layer {
            Layer::BatchNorm { .. } => {
                let (shape, border) = per_channel(input);
                vec![
                    (Role::RunningMean, shape.clone(), border.clone()),
                    (Role::RunningVariance, shape, border),
                ]
            }
            _ => vec![],
        })
    }

    fn of(
        network: &Network,
        parameters: impl Fn(&Layer, SampleShape, SampleShape) -> Vec<Parameter>,
    ) -> Self {
        let (mut slots, mut end) = (Vec::new(), 0);
        for (index, (layer, input, output)) in network.layers().enumerate() {
            for (role, shape, border) in parameters(layer, input, output) {
                let name = format!("main.{index}.{}", role.suffix());
                let offset = end;
                end += shape.elements().next_multiple_of(ALIGNMENT);
                slots.push(Slot { name, layer: index, role, offset, shape, border });
            }
        }
        // Adapters refuse an empty buffer, and a network can have no statistics.
        Self { slots, elements: end.max(ALIGNMENT) }
    }

    /// All parameters, in the order of PyTorch's `state_dict`.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The storage's length: a multiple of [`ALIGNMENT`], never 0.
    pub fn elements(&self) -> usize {
        self.elements
    }

    /// A layer's parameters.
    pub fn of_layer(&self, layer: usize) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |slot| slot.layer == layer)
    }
}

/// Role, extents in memory, and the way to PyTorch's.
type Parameter = (Role, graph::Shape, Border);

fn trainable(layer: &Layer, input: SampleShape, output: SampleShape) -> Vec<Parameter> {
    let weight = |shape: &[usize], border| (Role::Weight, graph::Shape::new(shape), border);
    let with_bias = |weight: Parameter, bias: bool| {
        let mut parameters = vec![weight];
        if bias {
            let (shape, border) = per_channel(output);
            parameters.push((Role::Bias, shape, border));
        }
        parameters
    };
    match *layer {
        Layer::Dense { bias, .. } => {
            let shape = [input.elements(), output.elements()];
            with_bias(weight(&shape, Border::dense(input.memory(), output.memory())), bias)
        }
        Layer::Conv2d { window: graph::Window { kernel: [kh, kw], .. }, bias, .. } => {
            let shape = [kh, kw, input.channels, output.channels];
            with_bias(weight(&shape, Border::window(shape)), bias)
        }
        Layer::ConvTranspose2d { window: graph::Window { kernel: [kh, kw], .. }, bias, .. } => {
            let shape = [kh, kw, output.channels, input.channels];
            with_bias(weight(&shape, Border::window(shape)), bias)
        }
        Layer::BatchNorm { .. } => {
            let (shape, border) = per_channel(input);
            vec![(Role::Scale, shape.clone(), border.clone()), (Role::Shift, shape, border)]
        }
        Layer::LeakyRelu { .. }
        | Layer::Relu
        | Layer::Tanh
        | Layer::Dropout { .. }
        | Layer::Reshape { .. }
        | Layer::Flatten => vec![],
    }
}

/// A vector with one element a channel of images, or one a feature.
fn per_channel(sample: SampleShape) -> (graph::Shape, Border) {
    let order = match sample.form {
        Form::Image => [1, 1, sample.channels],
        Form::Features => sample.memory(),
    };
    (graph::Shape::new(&[order.iter().product()]), Border::vector(order))
}

#[cfg(test)]
mod tests;
