//! What a trace says beside its tensors: how to build the networks and the optimiser again.

use super::Trace;
use crate::{
    networks::{Form, Layer, Network, SampleShape},
    options::TrainOptions,
};
use graph::Window;
use serde::Serialize;

/// The version of the format that [`Trace::encode`] writes.
pub const FORMAT_VERSION: u32 = 1;

/// The only key of the file's metadata; its value is JSON. It is not the key of a checkpoint.
pub const METADATA_KEY: &str = "ganvas_trace";

/// Where a trace comes from, in words for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Origin {
    /// The version of the program.
    pub ganvas: String,
    /// The device that computed it.
    pub device: String,
    /// Its backend and driver.
    pub driver: String,
    /// The data set's short name.
    pub data: String,
}

#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    format: u32,
    #[serde(flatten)]
    origin: &'a Origin,
    /// Steps done before; Adam's t is one more.
    step: u64,
    /// Images seen before.
    images: u64,
    options: &'a TrainOptions,
    /// The average moves by this share of its distance to the new weights.
    average_rate: f32,
    networks: BothNetworks,
}

#[derive(Serialize)]
struct BothNetworks {
    g: Sequential,
    d: Sequential,
}

/// PyTorch's `nn.Sequential`.
#[derive(Serialize)]
pub(super) struct Sequential {
    /// One sample that it takes.
    input: Vec<usize>,
    modules: Vec<NamedModule>,
}

#[derive(Serialize)]
struct NamedModule {
    name: String,
    #[serde(flatten)]
    module: Module,
    /// One sample that it yields.
    output: Vec<usize>,
}

/// A module of PyTorch's with its arguments by PyTorch's names.
#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "module")]
enum Module {
    Linear {
        in_features: usize,
        out_features: usize,
        bias: bool,
    },
    Conv2d {
        in_channels: usize,
        out_channels: usize,
        #[serde(flatten)]
        window: Sliding,
        bias: bool,
    },
    ConvTranspose2d {
        in_channels: usize,
        out_channels: usize,
        #[serde(flatten)]
        window: Sliding,
        output_padding: [usize; 2],
        bias: bool,
    },
    BatchNorm1d(BatchNorm),
    BatchNorm2d(BatchNorm),
    LeakyReLU {
        negative_slope: f32,
    },
    ReLU,
    Tanh,
    Dropout {
        p: f32,
    },
    Unflatten {
        dim: usize,
        unflattened_size: Vec<usize>,
    },
    Flatten {
        start_dim: usize,
    },
}

#[derive(Debug, PartialEq, Serialize)]
struct BatchNorm {
    num_features: usize,
    eps: f32,
    momentum: f32,
}

#[derive(Debug, PartialEq, Serialize)]
struct Sliding {
    kernel_size: [usize; 2],
    stride: [usize; 2],
    /// By side, as PyTorch's one number an axis cannot say all that a [`Window`] can.
    padding: Sides,
}

#[derive(Debug, PartialEq, Serialize)]
struct Sides {
    top: usize,
    bottom: usize,
    left: usize,
    right: usize,
}

pub(super) fn of<'a>(trace: &'a Trace, origin: &'a Origin) -> Metadata<'a> {
    let (g, d) = (&trace.networks.generator, &trace.networks.discriminator);
    Metadata {
        format: FORMAT_VERSION,
        origin,
        step: trace.steps_before,
        images: trace.images_before,
        options: &trace.options,
        average_rate: trace.options.average_rate(trace.images_before),
        networks: BothNetworks { g: sequential(g), d: sequential(d) },
    }
}

pub(super) fn sequential(network: &Network) -> Sequential {
    let modules = network.layers().enumerate().map(|(index, (layer, input, output))| NamedModule {
        name: format!("main.{index}"),
        module: module(layer, input, output),
        output: sample(output),
    });
    Sequential { input: sample(network.input()), modules: modules.collect() }
}

/// One sample's extents in PyTorch: (C, H, W), or the number of features.
fn sample(shape: SampleShape) -> Vec<usize> {
    match shape.form {
        Form::Image => vec![shape.channels, shape.height, shape.width],
        Form::Features => vec![shape.elements()],
    }
}

fn module(layer: &Layer, input: SampleShape, output: SampleShape) -> Module {
    let (in_channels, out_channels) = (input.channels, output.channels);
    match *layer {
        Layer::Dense { bias, .. } => {
            Module::Linear { in_features: input.elements(), out_features: output.elements(), bias }
        }
        Layer::Conv2d { window, bias, .. } => {
            Module::Conv2d { in_channels, out_channels, window: sliding(window), bias }
        }
        Layer::ConvTranspose2d { window, output_padding, bias, .. } => {
            let window = sliding(window);
            Module::ConvTranspose2d { in_channels, out_channels, window, output_padding, bias }
        }
        Layer::BatchNorm { epsilon: eps, momentum } => match input.form {
            Form::Image => {
                Module::BatchNorm2d(BatchNorm { num_features: in_channels, eps, momentum })
            }
            Form::Features => {
                let num_features = input.elements();
                Module::BatchNorm1d(BatchNorm { num_features, eps, momentum })
            }
        },
        Layer::LeakyRelu { slope } => Module::LeakyReLU { negative_slope: slope },
        Layer::Relu => Module::ReLU,
        Layer::Tanh => Module::Tanh,
        Layer::Dropout { rate } => Module::Dropout { p: rate },
        Layer::Reshape { .. } => Module::Unflatten { dim: 1, unflattened_size: sample(output) },
        Layer::Flatten => Module::Flatten { start_dim: 1 },
    }
}

fn sliding(window: Window) -> Sliding {
    let graph::Padding { top, bottom, left, right } = window.padding;
    let padding = Sides { top, bottom, left, right };
    Sliding { kernel_size: window.kernel, stride: window.stride, padding }
}
