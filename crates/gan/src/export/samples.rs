//! What a generator draws, as numbers, for another program's to be compared with.

use super::{ExportError, WeightsKind};
use crate::{
    executor::Device,
    networks::LATENT_SIZE,
    parameters::Border,
    sampling::{Sampler, latents},
    state::TrainState,
};
use safetensors::{Dtype, tensor::TensorView};

/// The latent vectors of these seeds and what a state's generator makes of them on a device, before
/// it is rounded to pixels: a safetensors file with `z`, (N, 100), and `image`, (N, C, H, W) in
/// [-1, 1].
///
/// # Errors
/// [`ExportError::Samples`] if the device fails.
pub async fn samples(
    device: &Device,
    state: &TrainState,
    weights: WeightsKind,
    seeds: &[u64],
) -> Result<Vec<u8>, ExportError> {
    let mut sampler = Sampler::new(device, state).await?;
    sampler.load(state.generator_weights(weights));
    let z: Vec<f32> = seeds.iter().copied().flat_map(latents).collect();
    let images = sampler.images(&z).await?;
    let border = Border::batch(seeds.len(), sampler.image());
    let bytes = |values: &[f32]| -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    };
    let (z, images) = (bytes(&z), bytes(&border.to_pytorch(&images)));
    let views = [
        ("image", TensorView::new(Dtype::F32, border.shape().to_vec(), &images)?),
        ("z", TensorView::new(Dtype::F32, vec![seeds.len(), LATENT_SIZE], &z)?),
    ];
    Ok(safetensors::serialize(views, None)?)
}
