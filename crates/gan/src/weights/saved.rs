//! What a file of weights says of itself.

use super::WeightsError;
use crate::{
    export::{self, NetworkKind, WeightsKind},
    options::TrainOptions,
    state::TrainState,
    trace,
};
use serde::Deserialize;
use std::collections::HashMap;

/// What a file has to draw with or to export.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedState {
    /// Its numbers. Those of a network that it does not have are new ones.
    pub state: TrainState,
    /// The networks that it has.
    pub networks: Vec<NetworkKind>,
    /// Where they come from.
    pub origin: WeightsOrigin,
}

/// What is known of weights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeightsOrigin {
    /// Steps that they were trained for.
    pub step: Option<u64>,
    /// Images that they were trained on.
    pub images: Option<u64>,
    /// Which of the generator's weights there are: both, one kind, or none where that is not known.
    pub weights: Vec<WeightsKind>,
}

/// What is read of the metadata of exports and traces.
pub(super) struct About {
    pub(super) options: TrainOptions,
    pub(super) origin: WeightsOrigin,
}

#[derive(Deserialize)]
struct Metadata {
    options: TrainOptions,
    weights: Option<WeightsKind>,
    step: Option<u64>,
    images: Option<u64>,
}

impl SavedState {
    /// A state with both networks and all kinds of weights.
    pub fn of_checkpoint(state: TrainState) -> Self {
        let origin = WeightsOrigin {
            step: Some(state.step),
            images: Some(state.images),
            weights: WeightsKind::ALL.to_vec(),
        };
        Self { state, networks: NetworkKind::ALL.to_vec(), origin }
    }
}

impl About {
    /// `None` if a file is neither an export nor a trace.
    pub(super) fn read(metadata: &HashMap<String, String>) -> Result<Option<Self>, WeightsError> {
        let (json, of_trace) = match metadata.get(export::METADATA_KEY) {
            Some(json) => (json, None),
            None => match metadata.get(trace::METADATA_KEY) {
                Some(json) => (json, Some(WeightsKind::Trained)),
                None => return Ok(None),
            },
        };
        let Metadata { options, weights, step, images } = serde_json::from_str(json)?;
        let weights = weights.or(of_trace).into_iter().collect();
        Ok(Some(Self { options, origin: WeightsOrigin { step, images, weights } }))
    }
}
