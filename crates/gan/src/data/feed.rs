//! Batches prepared ahead of the steps that take them.
//!
//! Natively a thread prepares them while the device computes, so that a step finds its images
//! ready. As a batch is a function of its step alone, what is prepared ahead is what would have
//! been prepared in time.

mod preparer;

use super::{Batches, DataError, Dataset};
use futures_channel::oneshot;
use preparer::{Prepared, Preparer};
use std::{collections::VecDeque, mem, sync::Arc};

/// Batches prepared beyond the one that is asked for: one for the step after it, and one so that
/// the thread has work meanwhile.
#[cfg(not(target_arch = "wasm32"))]
const AHEAD: u64 = 2;

/// Where a step's images come from.
pub trait BatchSource: Send + 'static {
    /// Replaces `into` by the pixels that `step` (from 0) takes, `[batch, height, width, channels]`.
    ///
    /// # Errors
    /// If they cannot be had. It may be asked again.
    fn fill(&mut self, step: u64, into: &mut Vec<u8>) -> Result<(), DataError>;
}

/// A data set in the order of [`Batches`].
pub struct Shuffled {
    /// The images.
    pub data: Arc<Dataset>,
    /// Their order.
    pub batches: Batches,
}

impl BatchSource for Shuffled {
    fn fill(&mut self, step: u64, into: &mut Vec<u8>) -> Result<(), DataError> {
        self.batches.pixels(&self.data, step, into)
    }
}

/// Batches in the order of the steps, from any step on.
///
/// Dropping it ends its thread, which finishes the batch that it is at.
pub struct Feed {
    /// What has been asked of the preparer, by step, in ascending order without gaps. Dropped before
    /// the preparer, which thereby learns that nobody waits for it.
    asked: VecDeque<(u64, oneshot::Receiver<Prepared>)>,
    preparer: Preparer,
    ahead: u64,
    /// The batch taken last. Its memory serves a later one.
    batch: Vec<u8>,
}

impl Feed {
    /// Prepares batches on a thread. In a browser, which has none to give, it is
    /// [`Feed::inline`].
    pub fn new(source: impl BatchSource) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        return Self::with(Preparer::thread(source), AHEAD);
        #[cfg(target_arch = "wasm32")]
        Self::inline(source)
    }

    /// Prepares each batch when it is asked for.
    pub fn inline(source: impl BatchSource) -> Self {
        Self::with(Preparer::inline(source), 0)
    }

    fn with(preparer: Preparer, ahead: u64) -> Self {
        Self { preparer, ahead, asked: VecDeque::new(), batch: Vec::new() }
    }

    /// The pixels that `step` takes, `[batch, height, width, channels]`. Resolves at once where
    /// they are prepared, as they are if the step before was asked for last and some time has
    /// passed.
    ///
    /// # Errors
    /// What the source fails with at this step. Later steps can be asked for all the same.
    ///
    /// # Panics
    /// If the source has.
    pub async fn batch(&mut self, step: u64) -> Result<&[u8], DataError> {
        let asked = self.asked.pop_front().filter(|&(first, _)| first == step);
        let prepared = match asked {
            Some((_, prepared)) => prepared,
            None => {
                self.asked.clear();
                self.preparer.prepare(step, mem::take(&mut self.batch))
            }
        };
        for next in step + 1 + self.asked.len() as u64..=step + self.ahead {
            let prepared = self.preparer.prepare(next, mem::take(&mut self.batch));
            self.asked.push_back((next, prepared));
        }
        self.batch = match prepared.await {
            Ok(prepared) => prepared?,
            Err(oneshot::Canceled) => self.preparer.pass_panic_on(),
        };
        Ok(&self.batch)
    }
}

#[cfg(test)]
mod tests;
