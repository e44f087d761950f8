//! What a training step costs the CPU: `cargo bench --bench plan`.
//!
//! The time that the submitting thread spends on a processor from the call of `run` until it
//! returns, with an idle device, so that it never waits for one. Drivers that compute on the CPU do
//! so on threads of their own, which do not count; what the driver does on this thread does. Wall
//! time would also count what the computing threads take from this one where cores are few.
//! Throughput is dispatches, so the time of one is the inverse of the rate that is printed.

use benchmark::step::{CompiledStep, Workload};
use cpu_time::ThreadTime;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ganvas_benches::{compile_step, devices, group};
use std::time::Duration;
use tensor_ops::dispatches_of;

/// The least that every preset takes: the cost is the same for every batch, and the device has
/// little to do between.
const BATCH: usize = 2;

fn plans(criterion: &mut Criterion) {
    for device in devices() {
        for Workload { preset, .. } in Workload::DEFAULT {
            let workload = Workload { preset, batch: BATCH };
            let step = workload.step().expect("a preset");
            let dispatches = dispatches_of(&step.graph, device.gpu.traits()).len();
            // Compiled at the first call, as a filter may leave this preset out.
            let mut compiled: Option<CompiledStep> = None;
            let mut group = group(criterion, "plan");
            group.throughput(Throughput::Elements(dispatches as u64));
            group.bench_function(BenchmarkId::new(&device.name, preset), |bencher| {
                let step = compiled.get_or_insert_with(|| compile_step(&device, workload));
                bencher.iter_custom(|iterations| (0..iterations).map(|_| submit(step)).sum());
            });
        }
    }
}

/// Runs a step on an idle device, and returns what submitting it took.
fn submit(step: &mut CompiledStep) -> Duration {
    let before = ThreadTime::now();
    pollster::block_on(step.run()).expect("the device runs it");
    let cost = before.elapsed();
    pollster::block_on(step.finish()).expect("the device runs it");
    cost
}

criterion_group!(benches, plans);
criterion_main!(benches);
