//! A network's tensors as PyTorch's `state_dict` has them.

use super::{Export, ExportError, METADATA_KEY, NetworkKind};
use crate::{
    networks::{Layer, Network},
    parameters::{Layout, Slot},
    state::Weights,
};
use safetensors::{Dtype, tensor::TensorView};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A tensor of a file.
struct Entry {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// A network's trainable parameters as a safetensors file, with one key of metadata whose value is
/// `about` as JSON: the same bytes for the same network.
///
/// `parameters` are in flat memory order, as many as the network's layout has.
///
/// # Errors
/// If `about` is no JSON.
pub fn encode_network(
    network: &Network,
    parameters: &[f32],
    key: &str,
    about: &impl Serialize,
) -> Result<Vec<u8>, ExportError> {
    serialise(&entries(&Layout::parameters(network), parameters), key, about)
}

/// The file's bytes.
pub(super) fn encode(export: &Export<'_>) -> Result<Vec<u8>, ExportError> {
    let Export { network, numbers: Weights { parameters, statistics }, origin } = export;
    let mut all = entries(&Layout::parameters(network), parameters);
    all.extend(entries(&Layout::statistics(network), statistics));
    // PyTorch keeps its own count where a file has none.
    let batches = origin.step.map(|step| {
        let batches = step.saturating_mul(forward_passes(origin.network));
        i64::try_from(batches).unwrap_or(i64::MAX)
    });
    for (index, (layer, ..)) in network.layers().enumerate() {
        if let (Layer::BatchNorm { .. }, Some(batches)) = (layer, batches) {
            let bytes = batches.to_le_bytes().to_vec();
            let counter = Entry { dtype: Dtype::I64, shape: vec![], bytes };
            all.insert(format!("main.{index}.num_batches_tracked"), counter);
        }
    }
    serialise(&all, METADATA_KEY, origin)
}

fn serialise(
    entries: &BTreeMap<String, Entry>,
    key: &str,
    about: &impl Serialize,
) -> Result<Vec<u8>, ExportError> {
    let mut views = Vec::new();
    for (name, Entry { dtype, shape, bytes }) in entries {
        views.push((name, TensorView::new(*dtype, shape.clone(), bytes)?));
    }
    let metadata = HashMap::from([(key.to_owned(), serde_json::to_string(about)?)]);
    Ok(safetensors::serialize(views, Some(metadata))?)
}

/// A layout's tensors by their names.
fn entries(layout: &Layout, values: &[f32]) -> BTreeMap<String, Entry> {
    layout.slots().iter().map(|slot| (slot.name.clone(), entry(slot, values))).collect()
}

fn entry(slot: &Slot, values: &[f32]) -> Entry {
    let values = slot.border.to_pytorch(&values[slot.range()]);
    Entry {
        dtype: Dtype::F32,
        shape: slot.border.shape().to_vec(),
        bytes: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
    }
}

/// How often a training step moves the running statistics, which PyTorch counts as well.
fn forward_passes(network: NetworkKind) -> u64 {
    match network {
        NetworkKind::Generator => 1,
        NetworkKind::Discriminator => 3,
    }
}
