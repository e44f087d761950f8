//! A whole training step of each preset on every adapter, in images a second: `cargo bench --bench
//! step`.

use benchmark::{
    step::{CompiledStep, Workload},
    stopwatch::Stopwatch,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gan::networks::Preset;
use ganvas_benches::{compile_step, devices, group, per_iteration};

fn steps(criterion: &mut Criterion) {
    let stopwatch = Stopwatch::new();
    let small_batch = Workload { preset: Preset::Dcgan28, batch: 16 };
    for device in devices() {
        for workload in Workload::DEFAULT.into_iter().chain([small_batch]) {
            let Workload { preset, batch } = workload;
            let mut group = group(criterion, "step");
            group.throughput(Throughput::Elements(batch as u64));
            // Compiled at the first call, as a filter may leave this preset out.
            let mut compiled: Option<CompiledStep> = None;
            let id = BenchmarkId::new(&device.name, format!("{preset} b{batch}"));
            group.bench_function(id, |bencher| {
                let step = compiled.get_or_insert_with(|| compile_step(&device, workload));
                let clock = stopwatch.clock();
                bencher.iter_custom(|iterations| {
                    per_iteration(iterations, |n| pollster::block_on(step.time(n, &clock)))
                });
            });
        }
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
