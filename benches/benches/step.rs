//! A whole training step of each preset, in images a second: `cargo bench -- step`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gan::networks::Preset;
use ganvas_benches::{gpu, plan, run, training_step};
use std::time::Duration;

fn steps(criterion: &mut Criterion) {
    let gpu = gpu();
    let mut group = criterion.benchmark_group("step");
    group.sample_size(10).warm_up_time(Duration::from_millis(500));
    group.measurement_time(Duration::from_secs(5));
    for (preset, batch) in [
        (Preset::Dcgan28Small, 64),
        (Preset::Dcgan28, 16),
        (Preset::Dcgan28, 64),
        (Preset::Dcgan64, 16),
    ] {
        let mut compiled = None;
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(format!("{preset}/batch {batch}"), |bencher| {
            // Compiled at the first call, as a filter may leave this preset out.
            let (plan, step) = compiled.get_or_insert_with(|| {
                let step = training_step(preset, batch);
                (plan(&gpu, &step.graph), step)
            });
            bencher.iter(|| run(plan, &step.graph));
        });
    }
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
