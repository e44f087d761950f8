//! Work on all cores, taken in order.

use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Hears, from any thread, how many images are done and how many there are.
pub type OnProgress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// The most results that wait for their turn.
pub(super) const LONGEST_CHUNK: usize = 1024;

/// Does `work` for each of `[0, count)` on all cores, `chunk` at a time, and gives the results to
/// `take` in ascending order; stops at its first error.
pub(super) fn in_order<T: Send, E>(
    count: usize,
    chunk: usize,
    on_progress: OnProgress<'_>,
    work: impl Fn(usize) -> T + Sync,
    take: &mut dyn FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    let chunk = chunk.clamp(1, LONGEST_CHUNK);
    let done = AtomicUsize::new(0);
    let work = |index| {
        let result = work(index);
        on_progress(done.fetch_add(1, Ordering::Relaxed) + 1, count);
        result
    };
    for first in (0..count).step_by(chunk) {
        let places = first..count.min(first + chunk);
        let results: Vec<T> = places.clone().into_par_iter().map(&work).collect();
        places.zip(results).try_for_each(|(index, result)| take(index, result))?;
    }
    Ok(())
}
