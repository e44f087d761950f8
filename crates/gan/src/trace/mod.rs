//! Every tensor of one training step, for another framework to replay the step and compare.
//!
//! The step is the trainer's own graph with every layer's output kept
//! ([`TrainingStep::keep_activations`](crate::step::TrainingStep::keep_activations)), so each
//! operation is done on the same operands in the same order. What differs is that a LeakyReLU runs
//! as a kernel of its own, where a schedule would fuse it into the kernel before it. It rounds alike
//! in both: on llvmpipe, SwiftShader and the CPU reference a traced step leaves what
//! [`Trainer::step`] leaves, bit for bit, and tests hold it to that. A driver that rearranges
//! arithmetic inside a kernel may round otherwise there.
//!
//! All tensors are f32, with PyTorch's layouts and names:
//!
//! | name | what |
//! |---|---|
//! | `z`, `real`, `fake` | latent vectors; both batches of images in [-1, 1], (N, C, H, W) |
//! | `g.param.NAME`, `d.param.NAME` | weights and running statistics before the step |
//! | `g.m.NAME`, `g.v.NAME`, `d.…` | Adam's moments before the step |
//! | `g.ema.NAME` | the generator's average before the step |
//! | `g.param_after.NAME`, `g.m_after.NAME`, … | the same after the step |
//! | `g.grad.NAME`, `d.grad.NAME` | what Adam was given |
//! | `act.PASS.main.INDEX` | the output of module INDEX; PASS is `g`, `d_real`, `d_fake` or `d_gen` |
//! | `act.PASS.main.INDEX.mask` | what a dropout multiplied by: 0 or 1 / (1 - rate) |
//! | `loss_d`, `loss_g`, `d_real`, `d_fake` | the step's metrics, one element each |
//!
//! Masks are computed on the CPU from the Philox stream that the dropout draws from, so a replay
//! finds a device that drops other elements. `d_real` and `d_fake` see the discriminator before
//! its update, `d_gen` after it; its running statistics move in all three.
//!
//! [`Trainer::step`]: crate::trainer::Trainer::step

mod masks;
mod metadata;

pub use metadata::{FORMAT_VERSION, METADATA_KEY, Origin};

use crate::{
    compiled_step::{CompiledStep, Keep},
    executor::{Device, ExecutorError},
    networks::{Network, Networks},
    options::TrainOptions,
    parameters::{Border, Layout},
    state::{TrainState, parts},
    step::{Metric, NetworkStorages},
    streams::Pass,
    trainer::TrainError,
};
use graph::TensorId;
use masks::Masks;
use safetensors::{Dtype, SafeTensorError, tensor::TensorView};
use std::collections::HashMap;

/// One training step in every tensor.
#[derive(Clone, Debug)]
pub struct Trace {
    options: TrainOptions,
    networks: Networks,
    steps_before: u64,
    images_before: u64,
    tensors: Vec<TraceTensor>,
}

/// A tensor of a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceTensor {
    /// Its name in the file.
    pub name: String,
    /// PyTorch's extents.
    pub shape: Vec<usize>,
    /// Its elements in PyTorch's order.
    pub values: Vec<f32>,
}

/// A trace that cannot be written as a file.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// Its metadata are no JSON.
    #[error("the trace's metadata: {0}")]
    Metadata(#[from] serde_json::Error),
    /// Its tensors are no safetensors file.
    #[error("the trace's tensors: {0}")]
    Format(#[from] SafeTensorError),
}

/// Does the step that follows a state on a batch of 8-bit images `[N, H, W, C]`, and keeps every
/// tensor of it.
///
/// # Errors
/// As [`Trainer::new`](crate::trainer::Trainer::new) and
/// [`Trainer::step`](crate::trainer::Trainer::step). Numbers that are not finite are no error
/// here, but see [`Trace::not_finite`].
pub async fn trace(
    device: &Device,
    state: &TrainState,
    pixels: &[u8],
) -> Result<Trace, TrainError> {
    let mut compiled = CompiledStep::new(device, state, Keep::Activations).await?;
    compiled.run(state.step, state.images, pixels).await?;
    let images_after = state.images + state.options.batch as u64;
    let after = compiled.state(state.step + 1, images_after).await?;
    let masks = Masks::draw(&compiled, state.step).await?;
    let mut recorder = Recorder { compiled: &compiled, masks, tensors: Vec::new() };
    recorder.record(state, &after).await?;
    let tensors = recorder.tensors;
    Ok(Trace {
        options: compiled.options,
        networks: compiled.networks,
        steps_before: state.step,
        images_before: state.images,
        tensors,
    })
}

impl Trace {
    /// Its tensors, in the order of the step.
    pub fn tensors(&self) -> &[TraceTensor] {
        &self.tensors
    }

    /// A tensor by its name.
    pub fn tensor(&self, name: &str) -> Option<&TraceTensor> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }

    /// The name of the first tensor, in the order of the step, with a number that is not finite.
    pub fn not_finite(&self) -> Option<&str> {
        let finite = |tensor: &TraceTensor| tensor.values.iter().all(|value| value.is_finite());
        self.tensors.iter().find(|tensor| !finite(tensor)).map(|tensor| tensor.name.as_str())
    }

    /// The trace as a safetensors file's bytes: the same bytes for the same trace and origin.
    ///
    /// # Errors
    /// An [`EncodeError`] if the format cannot hold it.
    pub fn encode(&self, origin: &Origin) -> Result<Vec<u8>, EncodeError> {
        let metadata = serde_json::to_string(&metadata::of(self, origin))?;
        let bytes: Vec<Vec<u8>> = self
            .tensors
            .iter()
            .map(|tensor| tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect())
            .collect();
        let mut views = Vec::new();
        for (tensor, bytes) in self.tensors.iter().zip(&bytes) {
            views.push((&tensor.name, TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)?));
        }
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), metadata)]);
        Ok(safetensors::serialize(views, Some(metadata))?)
    }
}

/// Which of a state's numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}

/// Collects tensors in the order of the step.
struct Recorder<'a> {
    compiled: &'a CompiledStep,
    masks: Masks,
    tensors: Vec<TraceTensor>,
}

impl Recorder<'_> {
    async fn record(&mut self, before: &TrainState, after: &TrainState) -> Result<(), TrainError> {
        let Networks { generator: g, discriminator: d } = &self.compiled.networks;
        let step = &self.compiled.step;
        let sums = self.compiled.sums().await?;
        let metric = |metric: Metric| (metric.name(), sums[metric as usize]);

        self.numbers("g", before, When::Before);
        self.numbers("d", before, When::Before);
        self.batch("z", step.latents, Border::batch(before.options.batch, g.input())).await?;
        let images = Border::batch(before.options.batch, g.output());
        self.batch("real", step.reals, images.clone()).await?;
        self.activations(Pass::Generator, g).await?;
        self.batch("fake", step.fakes, images).await?;

        self.activations(Pass::DiscriminatorReal, d).await?;
        self.activations(Pass::DiscriminatorFake, d).await?;
        for (name, mean) in [Metric::LossD, Metric::DReal, Metric::DFake].map(metric) {
            self.scalar(name, mean);
        }
        self.gradients(d, step.discriminator).await?;
        self.numbers("d", after, When::After);

        self.activations(Pass::DiscriminatorGenerator, d).await?;
        let (name, mean) = metric(Metric::LossG);
        self.scalar(name, mean);
        self.gradients(g, step.generator).await?;
        self.numbers("g", after, When::After);
        Ok(())
    }

    /// A network's part of a state.
    fn numbers(&mut self, network: &str, state: &TrainState, when: When) {
        let suffix = if when == When::After { "_after" } else { "" };
        for (part, values) in parts(&self.compiled.networks).iter().zip(state.lists()) {
            if part.prefix.split('.').next() != Some(network) {
                continue;
            }
            for slot in part.layout.slots() {
                let name = format!("{}{suffix}.{}", part.prefix, slot.name);
                self.push(name, &slot.border, &values[slot.range()]);
            }
        }
    }

    async fn gradients(
        &mut self,
        network: &Network,
        storages: NetworkStorages,
    ) -> Result<(), ExecutorError> {
        let values = self.compiled.executor.read_storage(storages.gradients).await?;
        for slot in Layout::parameters(network).slots() {
            let name = format!("{}.grad.{}", network.name(), slot.name);
            self.push(name, &slot.border, &values[slot.range()]);
        }
        Ok(())
    }

    /// What each layer of a pass yielded, each dropout's mask behind it.
    async fn activations(&mut self, pass: Pass, network: &Network) -> Result<(), ExecutorError> {
        let compiled = self.compiled;
        let of_pass = compiled.step.activations.iter().filter(|of| of.pass == pass);
        for (activation, (_, _, output)) in of_pass.zip(network.layers()) {
            let name = format!("act.{}.main.{}", pass.name(), activation.layer);
            let border = Border::batch(compiled.options.batch, output);
            self.batch(&name, activation.tensor, border.clone()).await?;
            if let Some(mask) = self.masks.of(activation.tensor).await? {
                self.push(format!("{name}.mask"), &border, &mask);
            }
        }
        Ok(())
    }

    async fn batch(
        &mut self,
        name: &str,
        tensor: TensorId,
        border: Border,
    ) -> Result<(), ExecutorError> {
        let values = self.compiled.executor.read(tensor).await?;
        self.push(name.to_owned(), &border, &values);
        Ok(())
    }

    fn scalar(&mut self, name: &str, value: f32) {
        self.tensors.push(TraceTensor {
            name: name.to_owned(),
            shape: vec![1],
            values: vec![value],
        });
    }

    fn push(&mut self, name: String, border: &Border, memory: &[f32]) {
        let (shape, values) = (border.shape().to_vec(), border.to_pytorch(memory));
        self.tensors.push(TraceTensor { name, shape, values });
    }
}

#[cfg(test)]
mod tests;
