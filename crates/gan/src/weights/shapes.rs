//! Which preset a generator is of, by the shapes of its weights.

use super::{FIRST_WEIGHT, WeightsError, no_network, shape_of_first};
use crate::{
    networks::{DEFAULT_WIDTH, LATENT_SIZE, Networks, Preset},
    options::TrainOptions,
    parameters::Layout,
};
use safetensors::SafeTensors;

/// A transposed convolution, batch norm and ReLU.
const LAYERS_OF_A_STAGE: usize = 3;

/// The options of the networks whose generator has its tensors behind `prefix`.
pub(super) fn options(
    tensors: &SafeTensors<'_>,
    prefix: &str,
) -> Result<TrainOptions, WeightsError> {
    let shape_of = |layer: usize| {
        let view = tensors.tensor(&format!("{prefix}main.{layer}.weight")).ok()?;
        Some(view.shape().to_vec())
    };
    let weights: Vec<Vec<usize>> = (0..).step_by(LAYERS_OF_A_STAGE).map_while(shape_of).collect();
    let Some((first, stages)) = weights.split_first() else { return Err(no_network(tensors)) };
    let found = match *first.as_slice() {
        [_, LATENT_SIZE] => of_dense(first),
        [LATENT_SIZE, _, height, width] => of_stages([height, width], stages),
        _ => None,
    };
    found.ok_or_else(|| {
        WeightsError::NoGenerator(format!(
            "`{prefix}{FIRST_WEIGHT}` is {first:?}, where {}",
            "(features, 100) begins a dcgan28 or dcgan28-small and (100, channels, rows, columns) \
             a dcgan64 or dcgan"
        ))
    })
}

/// The preset whose first layer is dense and has this weight.
fn of_dense(weight: &[usize]) -> Option<TrainOptions> {
    [Preset::Dcgan28, Preset::Dcgan28Small].into_iter().find_map(|preset| {
        let layout = Layout::parameters(&Networks::new(preset, 1).ok()?.generator);
        let fits = shape_of_first(&layout).is_some_and(|shape| shape == weight);
        fits.then(|| TrainOptions::new(preset, 1))
    })
}

/// The DCGAN that begins at this size, which kernels of 4 double and kernels of 3 keep.
fn of_stages(mut size: [usize; 2], stages: &[Vec<usize>]) -> Option<TrainOptions> {
    for stage in stages {
        let &[_, _, height, width] = stage.as_slice() else { return None };
        for (extent, kernel) in size.iter_mut().zip([height, width]) {
            *extent = extent.saturating_mul(if kernel == 4 { 2 } else { 1 });
        }
    }
    let &[width, channels, ..] = stages.last()?.as_slice() else { return None };
    let of_preset = TrainOptions::new(Preset::Dcgan64, channels);
    if (size, width) == (of_preset.image_size(), DEFAULT_WIDTH) {
        return Some(of_preset);
    }
    let (size, width) = (Some(size), Some(width));
    Some(TrainOptions { size, width, ..TrainOptions::new(Preset::Dcgan, channels) })
}
