//! The networks of the preset `dcgan28`: 28 x 28 grey images.

use burn::{
    module::{Initializer, Module},
    nn::{
        BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, LinearConfig, PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig},
    },
    prelude::*,
    tensor::activation::leaky_relu,
};

const SLOPE: f64 = 0.3;

/// Glorot's uniform weights of a layer with so many inputs and outputs, counted with their taps.
/// Burn's own has no number of outputs to go by for a transposed convolution.
fn glorot(inputs: usize, outputs: usize) -> Initializer {
    let limit = (6.0 / (inputs + outputs) as f64).sqrt();
    Initializer::Uniform { min: -limit, max: limit }
}

#[derive(Module, Debug)]
pub struct Generator<B: Backend> {
    dense: Linear<B>,
    norm0: BatchNorm<B>,
    conv1: ConvTranspose2d<B>,
    norm1: BatchNorm<B>,
    conv2: ConvTranspose2d<B>,
    norm2: BatchNorm<B>,
    conv3: ConvTranspose2d<B>,
}

impl<B: Backend> Generator<B> {
    pub fn new(device: &B::Device) -> Self {
        let conv = |channels: [usize; 2], stride: usize| {
            let [inputs, outputs] = channels;
            ConvTranspose2dConfig::new(channels, [5, 5])
                .with_stride([stride; 2])
                .with_padding([2, 2])
                .with_padding_out([stride - 1; 2])
                .with_bias(false)
                .with_initializer(glorot(inputs * 25, outputs * 25))
                .init(device)
        };
        let dense = LinearConfig::new(super::LATENTS, 12_544).with_bias(false);
        Self {
            dense: dense.with_initializer(glorot(super::LATENTS, 12_544)).init(device),
            norm0: BatchNormConfig::new(12_544).init(device),
            conv1: conv([256, 128], 1),
            norm1: BatchNormConfig::new(128).init(device),
            conv2: conv([128, 64], 2),
            norm2: BatchNormConfig::new(64).init(device),
            conv3: conv([64, 1], 2),
        }
    }
}

impl<B: Backend> super::Generator<B> for Generator<B> {
    fn images(&self, latents: Tensor<B, 2>) -> Tensor<B, 4> {
        let batch = latents.dims()[0];
        let x = leaky_relu(self.norm0.forward(self.dense.forward(latents)), SLOPE);
        let x = x.reshape([batch, 256, 7, 7]);
        let x = leaky_relu(self.norm1.forward(self.conv1.forward(x)), SLOPE);
        let x = leaky_relu(self.norm2.forward(self.conv2.forward(x)), SLOPE);
        self.conv3.forward(x).tanh()
    }
}

#[derive(Module, Debug)]
pub struct Discriminator<B: Backend> {
    conv1: Conv2d<B>,
    conv2: Conv2d<B>,
    dense: Linear<B>,
    dropout: Dropout,
}

impl<B: Backend> Discriminator<B> {
    pub fn new(device: &B::Device) -> Self {
        let conv = |channels: [usize; 2]| {
            let [inputs, outputs] = channels;
            Conv2dConfig::new(channels, [5, 5])
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
                .with_initializer(glorot(inputs * 25, outputs * 25))
                .init(device)
        };
        Self {
            conv1: conv([1, 64]),
            conv2: conv([64, 128]),
            dense: LinearConfig::new(6272, 1).with_initializer(glorot(6272, 1)).init(device),
            dropout: DropoutConfig::new(0.3).init(),
        }
    }
}

impl<B: Backend> super::Discriminator<B> for Discriminator<B> {
    fn logits(&self, images: Tensor<B, 4>) -> Tensor<B, 2> {
        let x = self.dropout.forward(leaky_relu(self.conv1.forward(images), SLOPE));
        let x = self.dropout.forward(leaky_relu(self.conv2.forward(x), SLOPE));
        self.dense.forward(x.flatten(1, 3))
    }
}
