//! The networks of the preset `dcgan64`: 64 x 64 images of three channels.

use burn::{
    module::{Initializer, Module},
    nn::{
        BatchNorm, BatchNormConfig, PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig},
    },
    prelude::*,
    tensor::activation::{leaky_relu, relu},
};

const GENERATOR: [usize; 6] = [super::LATENTS, 512, 256, 128, 64, 3];
const DISCRIMINATOR: [usize; 6] = [3, 64, 128, 256, 512, 1];
const WEIGHTS: Initializer = Initializer::Normal { mean: 0.0, std: 0.02 };
/// A convolution's stride and padding where it doubles or halves the image, and where the image
/// is one pixel on its other side.
const INNER: [usize; 2] = [2, 1];
const POINT: [usize; 2] = [1, 0];

#[derive(Module, Debug)]
pub struct Generator<B: Backend> {
    inner: Vec<(ConvTranspose2d<B>, BatchNorm<B>)>,
    last: ConvTranspose2d<B>,
}

impl<B: Backend> Generator<B> {
    pub fn new(device: &B::Device) -> Self {
        let conv = |layer: usize, [stride, padding]: [usize; 2]| {
            ConvTranspose2dConfig::new([GENERATOR[layer], GENERATOR[layer + 1]], [4, 4])
                .with_stride([stride; 2])
                .with_padding([padding; 2])
                .with_bias(false)
                .with_initializer(WEIGHTS)
                .init(device)
        };
        let inner = |layer: usize| {
            let window = if layer == 0 { POINT } else { INNER };
            (conv(layer, window), BatchNormConfig::new(GENERATOR[layer + 1]).init(device))
        };
        Self { inner: (0..4).map(inner).collect(), last: conv(4, INNER) }
    }
}

impl<B: Backend> super::Generator<B> for Generator<B> {
    fn images(&self, latents: Tensor<B, 2>) -> Tensor<B, 4> {
        let batch = latents.dims()[0];
        let mut x = latents.reshape([batch, super::LATENTS, 1, 1]);
        for (conv, norm) in &self.inner {
            x = relu(norm.forward(conv.forward(x)));
        }
        self.last.forward(x).tanh()
    }
}

#[derive(Module, Debug)]
pub struct Discriminator<B: Backend> {
    first: Conv2d<B>,
    inner: Vec<(Conv2d<B>, BatchNorm<B>)>,
    last: Conv2d<B>,
}

impl<B: Backend> Discriminator<B> {
    pub fn new(device: &B::Device) -> Self {
        let conv = |layer: usize, [stride, padding]: [usize; 2]| {
            Conv2dConfig::new([DISCRIMINATOR[layer], DISCRIMINATOR[layer + 1]], [4, 4])
                .with_stride([stride; 2])
                .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
                .with_bias(false)
                .with_initializer(WEIGHTS)
                .init(device)
        };
        let inner = |layer: usize| {
            (conv(layer, INNER), BatchNormConfig::new(DISCRIMINATOR[layer + 1]).init(device))
        };
        Self { first: conv(0, INNER), inner: (1..4).map(inner).collect(), last: conv(4, POINT) }
    }
}

impl<B: Backend> super::Discriminator<B> for Discriminator<B> {
    fn logits(&self, images: Tensor<B, 4>) -> Tensor<B, 2> {
        let mut x = leaky_relu(self.first.forward(images), 0.2);
        for (conv, norm) in &self.inner {
            x = leaky_relu(norm.forward(conv.forward(x)), 0.2);
        }
        self.last.forward(x).flatten(1, 3)
    }
}
