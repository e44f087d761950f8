//! The adapter under test.

use std::sync::OnceLock;
use tensor_ops::{Adapter, Gpu, adapters};

/// The adapter whose name contains `GANVAS_ADAPTER`, or the preferred one; `None` only where there
/// is none and `ALLOW_NO_GPU=1` is set by hand.
///
/// # Panics
/// If there is none otherwise: tests that never ran must not pass.
pub fn adapter_under_test() -> Option<Adapter> {
    let wanted = std::env::var("GANVAS_ADAPTER").unwrap_or_default().to_lowercase();
    let all = pollster::block_on(adapters());
    let found = all.iter().find(|adapter| adapter.name().to_lowercase().contains(&wanted));
    if found.is_none() && std::env::var("ALLOW_NO_GPU").as_deref() != Ok("1") {
        let names: Vec<&str> = all.iter().map(Adapter::name).collect();
        panic!(
            "no adapter{} to test on; there are {names:?}. `cargo xtask setup` installs software \
             Vulkan; ALLOW_NO_GPU=1 lets tests pass without any",
            if wanted.is_empty() { String::new() } else { format!(" named `{wanted}`") }
        );
    }
    found.cloned()
}

/// The adapter under test, newly opened.
///
/// # Panics
/// As [`adapter_under_test`], or if it cannot be opened.
pub fn fresh_gpu() -> Option<Gpu> {
    let adapter = adapter_under_test()?;
    let gpu = pollster::block_on(adapter.open()).unwrap_or_else(|error| panic!("{error}"));
    println!("{}, {}, {}", adapter.name(), adapter.backend(), adapter.driver());
    Some(gpu)
}

/// The adapter under test, opened once a process: its pipelines are compiled once.
///
/// # Panics
/// As [`fresh_gpu`].
pub fn gpu() -> Option<&'static Gpu> {
    static GPU: OnceLock<Option<Gpu>> = OnceLock::new();
    GPU.get_or_init(fresh_gpu).as_ref()
}
