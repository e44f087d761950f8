//! Weights from elsewhere: another run's, a trace's, an export's or PyTorch's.
//!
//! A file is safetensors with f32 tensors in PyTorch's layouts. Their names are those of PyTorch's
//! `state_dict`, such as `main.0.weight`, behind a prefix:
//!
//! | prefix | in |
//! |---|---|
//! | `g.param.`, `d.param.` | checkpoints and traces |
//! | `g.`, `d.` | both networks' state dicts in one file |
//! | none | one network's state dict; which, its shapes say |
//!
//! One of the networks is enough. Running statistics are taken where a file has them; what else is
//! in it is ignored.

mod saved;
mod shapes;

pub use saved::{SavedState, WeightsOrigin};

use crate::{
    checkpoint::{self, CheckpointError, Contents, read, tensor},
    export::NetworkKind,
    networks::{Network, NetworkError, Networks},
    options::TrainOptions,
    parameters::{Layout, Slot},
    state::{StateError, TrainState},
};
use safetensors::SafeTensors;
use saved::About;

/// The name of every network's first weight.
const FIRST_WEIGHT: &str = "main.0.weight";

/// Bytes that hold no weights for the networks.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// A file of `torch.save`.
    #[error(
        "is a pickle of `torch.save`, which can run any program when it is read; save the state \
         dict as safetensors: python -c \"import torch, safetensors.torch as s; \
         s.save_file(torch.load('netG.pth', map_location='cpu', weights_only=True), \
         'netG.safetensors')\""
    )]
    Pickle,
    /// No whole safetensors file, or a tensor of another shape.
    #[error(transparent)]
    Contents(#[from] CheckpointError),
    /// The options have no networks.
    #[error(transparent)]
    Networks(#[from] NetworkError),
    /// The options that the file names have no state.
    #[error(transparent)]
    State(#[from] StateError),
    /// What the file says of itself cannot be read.
    #[error("the file's metadata: {0}")]
    Metadata(#[from] serde_json::Error),
    /// There is no network.
    #[error(
        "has no tensor `{FIRST_WEIGHT}`: a file of weights has each network's tensors by PyTorch's \
         names, those of both behind `g.` and `d.`"
    )]
    NoNetwork,
    /// A state dict of `nn.DataParallel`.
    #[error(
        "has no tensor `{FIRST_WEIGHT}`, and names that begin with `module.`, as those of \
         nn.DataParallel do: save netG.module.state_dict()"
    )]
    Parallel,
    /// A weight is missing.
    #[error("tensor `{0}` is missing")]
    Missing(String),
    /// Running statistics are missing, without which a network computes something else.
    #[error(
        "tensor `{0}` is missing: batch norm evaluates with its running statistics, so a file \
         needs all of `state_dict`"
    )]
    NoStatistics(String),
    /// A weight is NaN or infinite.
    #[error("tensor `{0}` has a number that is not finite")]
    NotFinite(String),
    /// A state dict of other networks.
    #[error(
        "tensor `{FIRST_WEIGHT}` is {found:?}, but the generator's is {generator:?} and the \
         discriminator's {discriminator:?}"
    )]
    OtherNetwork {
        /// Its extents in the file.
        found: Vec<usize>,
        /// Those of the generator to be trained.
        generator: Vec<usize>,
        /// Those of the discriminator to be trained.
        discriminator: Vec<usize>,
    },
    /// A generator was asked for, and there is none that Ganvas has.
    #[error("holds no generator of a preset: {0}")]
    NoGenerator(String),
    /// A network is not that of the options that the file names, or of its first weights.
    #[error("holds no {network} of a preset: tensor `{tensor}` is missing or not {needed:?}")]
    Misfit {
        /// Which network.
        network: &'static str,
        /// The tensor's name in the file.
        tensor: String,
        /// The extents that it needs.
        needed: Vec<usize>,
    },
}

/// Whether bytes can be a file of weights, as far as that can be told before the networks are
/// known.
///
/// # Errors
/// If they are no whole safetensors file, or one without weights of a network.
pub fn check_weights(bytes: &[u8]) -> Result<(), WeightsError> {
    let tensors = contents(bytes)?.tensors;
    let found = NetworkKind::ALL.iter().any(|&kind| prefix(&tensors, kind).is_some());
    if found { Ok(()) } else { Err(no_network(&tensors)) }
}

/// Replaces a new state's weights by those of a file, and says of which networks there were. The
/// average starts from the same weights, Adam from nothing.
///
/// # Errors
/// If there are none, or a parameter is missing, has another shape or is not finite; the state is
/// then unchanged.
pub fn replace_weights(
    state: &mut TrainState,
    bytes: &[u8],
) -> Result<Vec<NetworkKind>, WeightsError> {
    let tensors = contents(bytes)?.tensors;
    let networks = state.networks()?;
    let found = found(&tensors, &networks)?;
    let mut replaced = state.clone();
    for (kind, prefix) in &found {
        let numbers = match kind {
            NetworkKind::Generator => &mut replaced.generator,
            NetworkKind::Discriminator => &mut replaced.discriminator,
        };
        let network = networks.of(*kind);
        fill(&tensors, prefix, &Layout::parameters(network), &mut numbers.parameters)?;
        fill(&tensors, prefix, &Layout::statistics(network), &mut numbers.statistics)?;
    }
    replaced.start_average();
    *state = replaced;
    Ok(found.into_iter().map(|(kind, _)| kind).collect())
}

/// The state to draw pictures of: that of a checkpoint, or a new one with a file's weights.
///
/// Exports and traces say which networks they are of. Of other files the shapes do, but for output
/// paddings, which weights do not show: 36 rows, which need one, are taken for the 32 that have
/// weights of the same shapes and need none.
///
/// # Errors
/// If the bytes are no checkpoint, and have neither a generator of a preset nor a network that their
/// metadata know, with its running statistics.
pub fn read_state(bytes: &[u8]) -> Result<SavedState, WeightsError> {
    let Contents { tensors, metadata, .. } = contents(bytes)?;
    if metadata.contains_key(checkpoint::METADATA_KEY) {
        return Ok(SavedState::of_checkpoint(checkpoint::decode(bytes)?));
    }
    let (options, origin) = match About::read(&metadata)? {
        Some(about) => (about.options, about.origin),
        None => (options_by_shapes(&tensors)?, WeightsOrigin::default()),
    };
    // Before anything is allocated for them.
    let networks = options.networks()?;
    for (kind, prefix) in found(&tensors, &networks)? {
        check_shapes(&tensors, &prefix, kind, networks.of(kind))?;
        check_statistics(&tensors, &prefix, networks.of(kind))?;
    }
    let mut state = TrainState::new(options)?;
    let networks = replace_weights(&mut state, bytes)?;
    let state = SavedState { state, networks, origin };
    Ok(state)
}

/// What a safetensors file says under a key of its metadata.
///
/// # Errors
/// If the bytes are no whole safetensors file.
pub fn metadata(bytes: &[u8], key: &str) -> Result<Option<String>, WeightsError> {
    Ok(contents(bytes)?.metadata.remove(key))
}

/// The parameters of a network in a file of
/// [`encode_network`](crate::export::encode_network), in flat memory order.
///
/// # Errors
/// If one is missing, has another shape or is not finite.
pub fn decode_network(bytes: &[u8], network: &Network) -> Result<Vec<f32>, WeightsError> {
    let tensors = contents(bytes)?.tensors;
    let layout = Layout::parameters(network);
    // Before anything is allocated for them.
    for slot in layout.slots() {
        tensor(&tensors, &slot.name, slot.border.shape())?;
    }
    let mut parameters = vec![0.0; layout.elements()];
    fill(&tensors, "", &layout, &mut parameters)?;
    Ok(parameters)
}

/// Takes a file apart.
fn contents(bytes: &[u8]) -> Result<Contents<'_>, WeightsError> {
    // Zip archives since PyTorch 1.6, before that pickles of protocol 2.
    let pickle =
        [b"PK\x03\x04".as_slice(), b"\x80\x02"].iter().any(|magic| bytes.starts_with(magic));
    read(bytes).map_err(|error| if pickle { WeightsError::Pickle } else { error.into() })
}

/// What a network's tensors have before their names, if a file has any that can be its.
fn prefix(tensors: &SafeTensors<'_>, kind: NetworkKind) -> Option<String> {
    let letter = kind.letter();
    let prefixes = [format!("{letter}.param."), format!("{letter}."), String::new()];
    let has = |prefix: &String| tensors.tensor(&format!("{prefix}{FIRST_WEIGHT}")).is_ok();
    prefixes.into_iter().find(has)
}

/// Which of the networks a file has, and what their tensors have before their names.
fn found(
    tensors: &SafeTensors<'_>,
    networks: &Networks,
) -> Result<Vec<(NetworkKind, String)>, WeightsError> {
    let first = |kind| shape_of_first(&Layout::parameters(networks.of(kind)));
    let mut found = Vec::new();
    for kind in NetworkKind::ALL {
        let Some(prefix) = prefix(tensors, kind) else { continue };
        if !prefix.is_empty() || first_shape(tensors) == first(kind) {
            found.push((kind, prefix));
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let [generator, discriminator] = NetworkKind::ALL.map(|kind| first(kind).unwrap_or_default());
    Err(match first_shape(tensors) {
        Some(found) => WeightsError::OtherNetwork { found, generator, discriminator },
        None => no_network(tensors),
    })
}

/// Why a file without the first weight of any network has none.
fn no_network(tensors: &SafeTensors<'_>) -> WeightsError {
    match tensors.names().iter().any(|name| name.starts_with("module.")) {
        true => WeightsError::Parallel,
        false => WeightsError::NoNetwork,
    }
}

/// The options of the generator that a file has, and says nothing of.
fn options_by_shapes(tensors: &SafeTensors<'_>) -> Result<TrainOptions, WeightsError> {
    match prefix(tensors, NetworkKind::Generator) {
        Some(prefix) => shapes::options(tensors, &prefix),
        None if prefix(tensors, NetworkKind::Discriminator).is_some() => {
            let alone = "there is the discriminator alone, whose shapes do not tell the preset";
            Err(WeightsError::NoGenerator(alone.to_owned()))
        }
        None => Err(no_network(tensors)),
    }
}

/// The extents of the first weight of a state dict by itself.
fn first_shape(tensors: &SafeTensors<'_>) -> Option<Vec<usize>> {
    tensors.tensor(FIRST_WEIGHT).ok().map(|view| view.shape().to_vec())
}

fn shape_of_first(layout: &Layout) -> Option<Vec<usize>> {
    layout.slots().first().map(|slot| slot.border.shape().to_vec())
}

fn fill(
    tensors: &SafeTensors<'_>,
    prefix: &str,
    layout: &Layout,
    values: &mut [f32],
) -> Result<(), WeightsError> {
    for slot in layout.slots() {
        let name = format!("{prefix}{}", slot.name);
        match tensor(tensors, &name, slot.border.shape())? {
            Some(tensor) if tensor.iter().any(|value| !value.is_finite()) => {
                return Err(WeightsError::NotFinite(name));
            }
            Some(tensor) => values[slot.range()].copy_from_slice(&slot.border.to_memory(&tensor)),
            None if slot.role.is_trainable() => return Err(WeightsError::Missing(name)),
            None => {}
        }
    }
    Ok(())
}

/// Whether a file has every weight of a network in its shape.
fn check_shapes(
    tensors: &SafeTensors<'_>,
    prefix: &str,
    kind: NetworkKind,
    network: &Network,
) -> Result<(), WeightsError> {
    let misfit = |slot: &&Slot| {
        let found = tensors.tensor(&format!("{prefix}{}", slot.name));
        !found.is_ok_and(|view| view.shape() == slot.border.shape())
    };
    match Layout::parameters(network).slots().iter().find(misfit) {
        Some(slot) => Err(WeightsError::Misfit {
            network: kind.name(),
            tensor: format!("{prefix}{}", slot.name),
            needed: slot.border.shape().to_vec(),
        }),
        None => Ok(()),
    }
}

/// Whether a file has all of a network's running statistics.
fn check_statistics(
    tensors: &SafeTensors<'_>,
    prefix: &str,
    network: &Network,
) -> Result<(), WeightsError> {
    let layout = Layout::statistics(network);
    let mut names = layout.slots().iter().map(|slot| format!("{prefix}{}", slot.name));
    match names.find(|name| tensors.tensor(name).is_err()) {
        Some(missing) => Err(WeightsError::NoStatistics(missing)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
