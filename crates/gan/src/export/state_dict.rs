//! A network's tensors as PyTorch's `state_dict` has them.

use super::{Export, ExportError, METADATA_KEY, NetworkKind};
use crate::{
    networks::Layer,
    parameters::{Layout, Slot},
};
use safetensors::{Dtype, tensor::TensorView};
use std::collections::{BTreeMap, HashMap};

/// A tensor of a file.
struct Entry {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// The file's bytes.
pub(super) fn encode(export: &Export<'_>) -> Result<Vec<u8>, ExportError> {
    let Export { network, parameters, statistics, origin } = export;
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let layouts = [Layout::parameters(network), Layout::statistics(network)];
    for (layout, values) in layouts.iter().zip([parameters, statistics]) {
        for slot in layout.slots() {
            entries.insert(slot.name.clone(), entry(slot, values));
        }
    }
    let batches = origin.step.saturating_mul(forward_passes(origin.network));
    let batches = i64::try_from(batches).unwrap_or(i64::MAX);
    for (index, (layer, ..)) in network.layers().enumerate() {
        if matches!(layer, Layer::BatchNorm { .. }) {
            let bytes = batches.to_le_bytes().to_vec();
            let counter = Entry { dtype: Dtype::I64, shape: vec![], bytes };
            entries.insert(format!("main.{index}.num_batches_tracked"), counter);
        }
    }
    let mut views = Vec::new();
    for (name, Entry { dtype, shape, bytes }) in &entries {
        views.push((name, TensorView::new(*dtype, shape.clone(), bytes)?));
    }
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), serde_json::to_string(origin)?)]);
    Ok(safetensors::serialize(views, Some(metadata))?)
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
