//! Starting from another run's weights.

use crate::{
    checkpoint::{CheckpointError, read, tensor},
    networks::NetworkError,
    state::{TrainState, parts},
};

/// Bytes that hold no weights for the networks.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// No whole safetensors file, or a tensor of another shape.
    #[error(transparent)]
    Contents(#[from] CheckpointError),
    /// The options have no networks.
    #[error(transparent)]
    Networks(#[from] NetworkError),
    /// A weight is missing.
    #[error(
        "tensor `{0}` is missing: a file of weights is a safetensors file with every parameter \
         of both networks as `g.param.NAME` and `d.param.NAME`"
    )]
    Missing(String),
    /// A weight is NaN or infinite.
    #[error("tensor `{0}` has a number that is not finite")]
    NotFinite(String),
}

/// Whether bytes can be a file of weights, as far as that can be told before the networks are
/// known.
///
/// # Errors
/// If they are no whole safetensors file, or one without weights of both networks.
pub fn check_weights(bytes: &[u8]) -> Result<(), WeightsError> {
    let tensors = read(bytes)?.tensors;
    let names = tensors.names();
    for prefix in ["g.param.", "d.param."] {
        if !names.iter().any(|name| name.starts_with(prefix)) {
            return Err(WeightsError::Missing(format!("{prefix}NAME")));
        }
    }
    Ok(())
}

/// Replaces a new state's weights by those of a safetensors file, a trace or a checkpoint among
/// them: f32 tensors `g.param.NAME` and `d.param.NAME` with PyTorch's layouts and names. Running
/// statistics are taken where the file has them; other tensors are ignored. The average starts
/// from the same weights, Adam from nothing.
///
/// # Errors
/// If a parameter is missing, has another shape or is not finite; the state is then unchanged.
pub fn replace_weights(state: &mut TrainState, bytes: &[u8]) -> Result<(), WeightsError> {
    let tensors = read(bytes)?.tensors;
    let networks = state.networks()?;
    let mut replaced = state.clone();
    for (part, values) in parts(&networks).iter().zip(replaced.lists_mut()) {
        if !part.prefix.ends_with(".param") {
            continue;
        }
        for slot in part.layout.slots() {
            let name = part.name(slot);
            match tensor(&tensors, &name, slot.border.shape())? {
                Some(tensor) if tensor.iter().any(|value| !value.is_finite()) => {
                    return Err(WeightsError::NotFinite(name));
                }
                Some(tensor) => {
                    values[slot.range()].copy_from_slice(&slot.border.to_memory(&tensor));
                }
                None if slot.role.is_trainable() => return Err(WeightsError::Missing(name)),
                None => {}
            }
        }
    }
    replaced.start_average();
    *state = replaced;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{checkpoint::encode, networks::Preset, options::TrainOptions};

    fn state(seed: u64) -> TrainState {
        let options = TrainOptions { seed, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
        TrainState::new(options).unwrap()
    }

    #[test]
    fn takes_weights_and_nothing_else() {
        let mut source = state(1);
        source.generator.first_moment[0] = 5.0;
        source.generator.statistics[0] = 0.25;
        source.step = 9;
        let mut state = state(2);
        replace_weights(&mut state, &encode(&source).unwrap()).unwrap();
        assert_eq!(state.generator.parameters, source.generator.parameters);
        assert_eq!(state.discriminator.parameters, source.discriminator.parameters);
        assert_eq!(state.average.parameters, source.generator.parameters);
        assert_eq!(state.average.statistics, source.generator.statistics);
        assert_eq!((state.generator.first_moment[0], state.step), (0.0, 0));
        assert_eq!(state.options.seed, 2);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let mut source = state(1);
        source.discriminator.parameters[0] = f32::NAN;
        let mut small = state(2);
        let before = small.clone();
        let error = replace_weights(&mut small, &encode(&source).unwrap()).unwrap_err();
        assert!(error.to_string().contains("`d.param.main.0.weight`"), "{error}");
        assert_eq!(small, before);
        let mut large = TrainState::new(TrainOptions::new(Preset::Dcgan28, 1)).unwrap();
        let error = replace_weights(&mut large, &encode(&state(1)).unwrap()).unwrap_err();
        assert!(error.to_string().contains("[12544, 100]"), "{error}");
        let mut other = TrainState::new(TrainOptions::new(Preset::Dcgan64, 3)).unwrap();
        assert!(replace_weights(&mut other, &encode(&state(1)).unwrap()).is_err());
        assert!(replace_weights(&mut other, b"").is_err());
    }

    #[test]
    fn other_files_are_told_before_the_networks_are_known() {
        let file = encode(&state(1)).unwrap();
        assert!(check_weights(&file).is_ok());
        assert!(check_weights(&file[..file.len() - 1]).is_err());
        let empty =
            safetensors::serialize(Vec::<(&str, safetensors::tensor::TensorView<'_>)>::new(), None)
                .unwrap();
        let error = check_weights(&empty).unwrap_err();
        assert!(error.to_string().starts_with("tensor `g.param.NAME` is missing"), "{error}");
    }
}
