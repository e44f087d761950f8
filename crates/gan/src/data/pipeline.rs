//! Work on all cores, taken in order.

use rayon::prelude::*;

/// The most results that wait for their turn.
pub(super) const LONGEST_CHUNK: usize = 1024;

/// Does `work` for each of `[0, count)` on all cores, `chunk` at a time, and gives the results to
/// `take` in ascending order; stops at its first error.
pub(super) fn in_order<T: Send, E>(
    count: usize,
    chunk: usize,
    work: impl Fn(usize) -> T + Sync,
    take: &mut dyn FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    let chunk = chunk.clamp(1, LONGEST_CHUNK);
    for first in (0..count).step_by(chunk) {
        let places = first..count.min(first + chunk);
        let results: Vec<T> = places.clone().into_par_iter().map(&work).collect();
        places.zip(results).try_for_each(|(index, result)| take(index, result))?;
    }
    Ok(())
}
