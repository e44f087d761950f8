//! Where the first number that is not finite arose: steps are a function of the state before them,
//! so they are done once more, one at a time, and the one that breaks is traced.

use super::{TrainError, Trainer};
use crate::{data::Feed, networks::Networks, state::TrainState, trace::trace};
use std::fmt;

/// The first number that was not finite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The step, from 1.
    pub step: u64,
    /// The tensor that it is in, as a [`trace`] names it: `act.d_real.main.4`,
    /// `g.grad.main.0.weight`.
    pub tensor: String,
    /// The layer that the tensor belongs to, such as `d.main.4 (dropout 0.3)`; `None` for losses.
    pub layer: Option<String>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, tensor, layer } = self;
        match layer {
            Some(layer) => write!(f, "layer {layer}, tensor {tensor}, step {step}"),
            None => write!(f, "{tensor}, step {step}"),
        }
    }
}

impl Trainer {
    /// Goes back to a state, such as that of the last checkpoint, and repeats the steps up to where
    /// training stands until a number is not finite; `None` if there is none up to there, or
    /// `go_on` says no after a step. The trainer is then somewhere between.
    ///
    /// # Errors
    /// [`TrainError::OtherNetworks`] if it is a state of others; else as [`Trainer::step_from`].
    pub async fn find_origin(
        &mut self,
        from: &TrainState,
        feed: &mut Feed,
        go_on: impl Fn() -> bool,
    ) -> Result<Option<Origin>, TrainError> {
        let until = self.steps_done;
        self.restore(from)?;
        let mut before = from.clone();
        while self.steps_done < until && go_on() {
            self.step_from(feed).await?;
            let losses = self.metrics().await.map(drop);
            match losses.and(self.state().await) {
                Ok(state) => before = state,
                Err(TrainError::NotFinite { number, step, .. }) => {
                    let pixels = feed.batch(before.step).await?;
                    let trace = trace(&self.device, &before, pixels).await?;
                    let tensor = trace.not_finite().map_or(number, str::to_owned);
                    let layer = layer_of(&tensor, self.networks());
                    return Ok(Some(Origin { step, tensor, layer }));
                }
                Err(other) => return Err(other),
            }
        }
        Ok(None)
    }
}

/// The layer in a tensor's name, which has `main.INDEX` behind the network or the pass.
fn layer_of(tensor: &str, networks: &Networks) -> Option<String> {
    let (of, rest) = tensor.split_once("main.")?;
    let network = match of.trim_start_matches("act.").starts_with('g') {
        true => &networks.generator,
        false => &networks.discriminator,
    };
    let index: usize = rest.split('.').next()?.parse().ok()?;
    let (layer, _, _) = network.layers().nth(index)?;
    Some(format!("{}.main.{index} ({layer})", network.name()))
}
