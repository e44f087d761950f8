//! The adapter of this crate's own tests.

use pollster::block_on;
use tensor_ops::Gpu;

/// The adapter whose name contains `GANVAS_ADAPTER`; none is a failure, unless `ALLOW_NO_GPU=1` is
/// set by hand.
pub(crate) fn gpu() -> Option<Gpu> {
    let wanted = std::env::var("GANVAS_ADAPTER").unwrap_or_default().to_lowercase();
    let mut adapters = block_on(tensor_ops::adapters()).into_iter();
    let adapter = adapters.find(|adapter| adapter.name().to_lowercase().contains(&wanted));
    let allowed = std::env::var("ALLOW_NO_GPU").as_deref() == Ok("1");
    assert!(adapter.is_some() || allowed, "no adapter `{wanted}`: see `cargo xtask setup`");
    adapter.map(|adapter| block_on(adapter.open()).unwrap())
}
