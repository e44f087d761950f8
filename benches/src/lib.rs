//! What the benches share: the adapters, criterion's groups, and how times become criterion's.

use benchmark::step::{CompiledStep, Workload};
use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use std::time::Duration;
use tensor_ops::{Adapter, DeviceError, Gpu, PlanOptions, Timed, adapters};

/// An adapter of this machine, opened.
pub struct Device {
    /// Its number in `ganvas devices` and its name in short, for the names of benches.
    pub name: String,
    /// The device.
    pub gpu: Gpu,
}

/// Every adapter of this machine, opened.
///
/// # Panics
/// If there is none, or one does not open: a bench without a device measures nothing.
pub fn devices() -> Vec<Device> {
    let adapters = pollster::block_on(adapters());
    assert!(!adapters.is_empty(), "no adapter; `cargo xtask setup` installs a software one");
    let open = |(number, adapter): (usize, &Adapter)| {
        let gpu = pollster::block_on(adapter.open()).expect("the adapter opens");
        let clock = if gpu.has_timestamps() { "its timestamps" } else { "the host's clock" };
        let (name, backend, driver) = (adapter.name(), adapter.backend(), adapter.driver());
        println!("adapter {number}: {name} ({backend}, {driver}), timed by {clock}");
        let short = name.split('(').next().unwrap_or_default().trim();
        Device { name: format!("{number} {short}"), gpu }
    };
    adapters.iter().enumerate().map(open).collect()
}

/// A group whose benches take ten samples in half a second, or in as long as they need.
pub fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(500));
    group
}

/// Runs a number of iterations in submissions of at most so many as one should have, and adds up
/// what `time` says that each took.
///
/// # Panics
/// If the device fails.
pub fn per_iteration(
    iterations: u64,
    mut time: impl FnMut(u32) -> Result<Timed, DeviceError>,
) -> Duration {
    const AT_ONCE: u64 = 1024;
    let mut left = iterations;
    let mut seconds = 0.0;
    while left > 0 {
        let now = left.min(AT_ONCE);
        seconds += time(now as u32).expect("the device runs it").seconds;
        left -= now;
    }
    Duration::from_secs_f64(seconds)
}

/// A training step, ready to run.
///
/// # Panics
/// If the device cannot run it.
pub fn compile_step(device: &Device, workload: Workload) -> CompiledStep {
    let step = CompiledStep::new(&device.gpu, workload, PlanOptions::default());
    pollster::block_on(step).expect("the device runs it")
}
