//! Ganvas's training step in Burn: the same networks, losses, Adam and order of updates.
//!
//! `ganvas-burn PRESET BATCH STEPS` prints the adapter, then a line of JSON for each step; what it
//! prints is read by `cargo xtask bench --against burn`.

mod dcgan28;
mod dcgan64;

use burn::{
    backend::{
        Autodiff, Wgpu,
        wgpu::{RuntimeOptions, WgpuDevice, graphics::AutoGraphicsApi, init_setup},
    },
    module::AutodiffModule,
    optim::{AdamConfig, GradientsParams, Optimizer},
    prelude::*,
    tensor::{Distribution, activation, backend::AutodiffBackend},
};
use std::{env, process::ExitCode, time::Instant};

type Gpu = Autodiff<Wgpu>;

const LATENTS: usize = 100;
const LEARNING_RATE: f64 = 2e-4;

/// Makes images `[N, C, H, W]` of latent vectors `[N, 100]`.
trait Generator<B: Backend> {
    fn images(&self, latents: Tensor<B, 2>) -> Tensor<B, 4>;
}

/// Judges images `[N, C, H, W]` with logits `[N, 1]`.
trait Discriminator<B: Backend> {
    fn logits(&self, images: Tensor<B, 4>) -> Tensor<B, 2>;
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((preset, batch, steps)) = parse(&arguments) else {
        eprintln!("usage: ganvas-burn dcgan28|dcgan64 BATCH STEPS");
        return ExitCode::from(2);
    };
    let device = WgpuDevice::DefaultDevice;
    let setup = init_setup::<AutoGraphicsApi>(&device, RuntimeOptions::default());
    println!("{{\"adapter\":{:?}}}", setup.adapter.get_info().name);
    let training = Training { device: device.clone(), batch, steps };
    match preset {
        Preset::Dcgan28 => training.run(
            dcgan28::Generator::<Gpu>::new(&device),
            dcgan28::Discriminator::new(&device),
            [1, 28, 28],
        ),
        Preset::Dcgan64 => training.run(
            dcgan64::Generator::<Gpu>::new(&device),
            dcgan64::Discriminator::new(&device),
            [3, 64, 64],
        ),
    }
    ExitCode::SUCCESS
}

enum Preset {
    Dcgan28,
    Dcgan64,
}

/// The preset, images a batch, and steps.
fn parse(arguments: &[String]) -> Option<(Preset, usize, usize)> {
    let [preset, batch, steps] = arguments else { return None };
    let preset = match preset.as_str() {
        "dcgan28" => Preset::Dcgan28,
        "dcgan64" => Preset::Dcgan64,
        _ => return None,
    };
    let [batch, steps] = [batch, steps].map(|number| number.parse().ok().filter(|&n| n > 0));
    Some((preset, batch?, steps?))
}

struct Training<B: Backend> {
    device: B::Device,
    batch: usize,
    steps: usize,
}

impl<B: AutodiffBackend> Training<B> {
    /// Trains on one batch of noise, which lies on the device from the start.
    fn run<G, D>(&self, mut generator: G, mut discriminator: D, [c, h, w]: [usize; 3])
    where
        G: AutodiffModule<B> + Generator<B>,
        D: AutodiffModule<B> + Discriminator<B>,
    {
        let adam = AdamConfig::new().with_beta_1(0.5).with_beta_2(0.999).with_epsilon(1e-8);
        let (mut adam_g, mut adam_d) = (adam.init::<B, G>(), adam.init::<B, D>());
        let pixels = Distribution::Uniform(-1.0, 1.0);
        let reals = Tensor::<B, 4>::random([self.batch, c, h, w], pixels, &self.device);
        for step in 0..self.steps {
            let started = Instant::now();
            let normal = Distribution::Normal(0.0, 1.0);
            let latents = Tensor::random([self.batch, LATENTS], normal, &self.device);
            let fakes = generator.images(latents);

            let loss_d = loss_of_reals(discriminator.logits(reals.clone()))
                + loss_of_fakes(discriminator.logits(fakes.clone().detach()));
            let gradients = GradientsParams::from_grads(loss_d.backward(), &discriminator);
            discriminator = adam_d.step(LEARNING_RATE, discriminator, gradients);

            // Frozen, so that no gradient of its weights is computed only to be thrown away.
            let frozen = discriminator.clone().no_grad();
            let loss_g = loss_of_reals(frozen.logits(fakes));
            let gradients = GradientsParams::from_grads(loss_g.backward(), &generator);
            generator = adam_g.step(LEARNING_RATE, generator, gradients);

            // Reading runs what is queued, and waits for it.
            let [loss_d, loss_g] = [loss_d, loss_g].map(|loss| loss.into_scalar().elem::<f32>());
            let seconds = started.elapsed().as_secs_f64();
            println!(
                "{{\"step\":{step},\"seconds\":{seconds},\"loss_d\":{loss_d},\"loss_g\":{loss_g}}}"
            );
        }
    }
}

/// Cross-entropy against 1, of logits `[N, 1]`.
fn loss_of_reals<B: Backend>(logits: Tensor<B, 2>) -> Tensor<B, 1> {
    activation::softplus(-logits, 1.0).mean()
}

/// Cross-entropy against 0, of logits `[N, 1]`.
fn loss_of_fakes<B: Backend>(logits: Tensor<B, 2>) -> Tensor<B, 1> {
    activation::softplus(logits, 1.0).mean()
}
