//! A training state as one safetensors file.
//!
//! Tensors are f32 with PyTorch's layouts and names behind a prefix: `g.param.` (weights and running
//! statistics), `g.m.`, `g.v.` (Adam's moments), `g.ema.` (the average), and the same for `d.`
//! without an average. The metadata's only entry, `ganvas`, is JSON: format version, what is not a
//! tensor, and a CRC-32 of both.

use crate::{
    networks::NetworkError,
    options::{OptionsError, TrainOptions},
    state::{Part, StateError, TrainState, parts},
    trainer::Metrics,
    variants::ChosenVariants,
};
use safetensors::{Dtype, SafeTensorError, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The version of the format that [`encode`] writes and [`decode`] reads.
pub const FORMAT_VERSION: u32 = 1;

/// The longest header that is read, in bytes.
pub const HEADER_AT_MOST: u64 = 1 << 20;

/// The most steps or images that a run can have: all counts up to it are exact in an f64.
pub const COUNT_AT_MOST: u64 = 1 << 53;

/// The only key of a checkpoint's metadata; its value is JSON.
pub(crate) const METADATA_KEY: &str = "ganvas";

/// Bytes that are no checkpoint that Ganvas can use.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file declares a header that no checkpoint has.
    #[error("the header is said to have {0} bytes, but at most {HEADER_AT_MOST} are read")]
    HeaderTooLong(u64),
    /// The bytes are cut short or no safetensors file.
    #[error("not a whole safetensors file: {0}")]
    Format(SafeTensorError),
    /// A safetensors file of something else.
    #[error("a safetensors file without Ganvas's metadata: not a checkpoint")]
    NoMetadata,
    /// The metadata cannot be read.
    #[error("the checkpoint's metadata: {0}")]
    Metadata(serde_json::Error),
    /// Another version's file.
    #[error("the checkpoint has format {found}; this version reads format {FORMAT_VERSION}")]
    Version {
        /// The file's version.
        found: u32,
    },
    /// No run is so long.
    #[error("the checkpoint has {found} {what}, but no run has more than {COUNT_AT_MOST}")]
    Count {
        /// Steps or images.
        what: &'static str,
        /// How many it says.
        found: u64,
    },
    /// A number in the metadata is out of its range.
    #[error("the checkpoint's {0}")]
    Options(#[from] OptionsError),
    /// The preset has no networks for the checkpoint's images.
    #[error("the checkpoint's networks: {0}")]
    Networks(#[from] NetworkError),
    /// The contents are not what was written.
    #[error("damaged: the checksum is {found:08x}, but the file says {expected:08x}")]
    Checksum {
        /// What the file says.
        expected: u32,
        /// What its contents have.
        found: u32,
    },
    /// A tensor of the networks is missing.
    #[error("tensor `{0}` is missing")]
    Missing(String),
    /// A tensor that the networks do not have.
    #[error("tensor `{0}` is not one of the preset's")]
    Unknown(String),
    /// A tensor has another type or shape than the networks'.
    #[error("tensor `{name}` is {found}, where the preset needs {needed}")]
    Shape {
        /// Its name.
        name: String,
        /// Its type and extents in the file.
        found: String,
        /// The networks' type and extents.
        needed: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    format: u32,
    state: StateMetadata,
    crc32: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateMetadata {
    step: u64,
    images: u64,
    options: TrainOptions,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variants: Option<ChosenVariants>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unlogged: Option<Metrics>,
}

/// A state as a file's bytes: the same bytes for the same state.
///
/// # Errors
/// [`CheckpointError::Networks`] if the options have no networks.
pub fn encode(state: &TrainState) -> Result<Vec<u8>, CheckpointError> {
    let networks = state.networks()?;
    let mut tensors: BTreeMap<String, (Vec<usize>, Vec<u8>)> = BTreeMap::new();
    for (part, values) in parts(&networks).iter().zip(state.lists()) {
        for slot in part.layout.slots() {
            let values = slot.border.to_pytorch(&values[slot.range()]);
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            tensors.insert(part.name(slot), (slot.border.shape().to_vec(), bytes));
        }
    }
    let TrainState { step, images, unlogged, .. } = *state;
    let (options, variants) = (state.options.clone(), state.variants.clone());
    let state = StateMetadata { step, images, options, variants, unlogged };
    let mut checksum = checksum_of(&state)?;
    // A file of one type of tensor has them in the order of their names.
    for (_, bytes) in tensors.values() {
        checksum.update(bytes);
    }
    let metadata = Metadata { format: FORMAT_VERSION, state, crc32: checksum.finalize() };
    let metadata = serde_json::to_string(&metadata).map_err(CheckpointError::Metadata)?;
    let mut views = Vec::new();
    for (name, (shape, bytes)) in &tensors {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        views.push((name, view.map_err(CheckpointError::Format)?));
    }
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), metadata)]);
    safetensors::serialize(views, Some(metadata)).map_err(CheckpointError::Format)
}

/// The state in a file's bytes.
///
/// # Errors
/// A [`CheckpointError`] for any bytes that [`encode`] did not write.
pub fn decode(bytes: &[u8]) -> Result<TrainState, CheckpointError> {
    let Contents { tensors, metadata, data } = read(bytes)?;
    let metadata = metadata.get(METADATA_KEY).ok_or(CheckpointError::NoMetadata)?;
    let version: Version = serde_json::from_str(metadata).map_err(CheckpointError::Metadata)?;
    if version.format != FORMAT_VERSION {
        return Err(CheckpointError::Version { found: version.format });
    }
    let metadata: Metadata = serde_json::from_str(metadata).map_err(CheckpointError::Metadata)?;
    let mut checksum = checksum_of(&metadata.state)?;
    checksum.update(data);
    let (expected, found) = (metadata.crc32, checksum.finalize());
    if expected != found {
        return Err(CheckpointError::Checksum { expected, found });
    }
    let StateMetadata { step, images, options, variants, unlogged } = metadata.state;
    for (what, found) in [("steps", step), ("images", images)] {
        if found > COUNT_AT_MOST {
            return Err(CheckpointError::Count { what, found });
        }
    }
    let networks = options.networks()?;
    let parts = parts(&networks);
    check_tensors(&tensors, &parts)?;
    let mut state = TrainState::zeros(options).map_err(|error| match error {
        StateError::Options(error) => CheckpointError::Options(error),
        StateError::Networks(error) => CheckpointError::Networks(error),
    })?;
    (state.step, state.images, state.variants) = (step, images, variants);
    state.unlogged = unlogged;
    for (part, values) in parts.iter().zip(state.lists_mut()) {
        for slot in part.layout.slots() {
            let name = part.name(slot);
            let tensor = tensor(&tensors, &name, slot.border.shape())?;
            let tensor = tensor.ok_or(CheckpointError::Missing(name))?;
            values[slot.range()].copy_from_slice(&slot.border.to_memory(&tensor));
        }
    }
    Ok(state)
}

/// Whether a file has the networks' tensors, whole, and no others, before anything is allocated for
/// them.
fn check_tensors(tensors: &SafeTensors<'_>, parts: &[Part]) -> Result<(), CheckpointError> {
    let mut unknown: BTreeSet<&str> = tensors.names().into_iter().collect();
    for part in parts {
        for slot in part.layout.slots() {
            let name = part.name(slot);
            view(tensors, &name, slot.border.shape())?;
            if !unknown.remove(name.as_str()) {
                return Err(CheckpointError::Missing(name));
            }
        }
    }
    match unknown.first() {
        Some(&name) => Err(CheckpointError::Unknown(name.to_owned())),
        None => Ok(()),
    }
}

/// Read first, so that another version's metadata is named as such.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// A checksum that has taken in what is not a tensor.
fn checksum_of(state: &StateMetadata) -> Result<crc32fast::Hasher, CheckpointError> {
    let mut checksum = crc32fast::Hasher::new();
    let state = serde_json::to_string(state).map_err(CheckpointError::Metadata)?;
    checksum.update(state.as_bytes());
    Ok(checksum)
}

/// A safetensors file taken apart.
pub(crate) struct Contents<'a> {
    pub(crate) tensors: SafeTensors<'a>,
    pub(crate) metadata: HashMap<String, String>,
    /// All tensors' bytes.
    pub(crate) data: &'a [u8],
}

/// Takes a safetensors file apart, unless its header is too long to be one of ours.
pub(crate) fn read(bytes: &[u8]) -> Result<Contents<'_>, CheckpointError> {
    if let Some(length) = bytes.first_chunk::<8>().map(|length| u64::from_le_bytes(*length))
        && length > HEADER_AT_MOST
    {
        return Err(CheckpointError::HeaderTooLong(length));
    }
    let (header, metadata) = SafeTensors::read_metadata(bytes).map_err(CheckpointError::Format)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(CheckpointError::Format)?;
    let metadata = metadata.metadata().clone().unwrap_or_default();
    Ok(Contents { tensors, metadata, data: bytes.get(8 + header..).unwrap_or_default() })
}

/// An f32 tensor's values in PyTorch's order; `None` if the file has none of this name.
pub(crate) fn tensor(
    tensors: &SafeTensors<'_>,
    name: &str,
    shape: &[usize],
) -> Result<Option<Vec<f32>>, CheckpointError> {
    let Some(view) = view(tensors, name, shape)? else { return Ok(None) };
    let (values, _) = view.data().as_chunks::<4>();
    Ok(Some(values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()))
}

/// An f32 tensor of this shape; `None` if the file has none of this name.
fn view<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
    shape: &[usize],
) -> Result<Option<TensorView<'a>>, CheckpointError> {
    let Ok(view) = tensors.tensor(name) else { return Ok(None) };
    if view.dtype() != Dtype::F32 || view.shape() != shape {
        return Err(CheckpointError::Shape {
            name: name.to_owned(),
            found: format!("{} {:?}", view.dtype(), view.shape()),
            needed: format!("{} {shape:?}", Dtype::F32),
        });
    }
    Ok(Some(view))
}

#[cfg(test)]
mod tests;
