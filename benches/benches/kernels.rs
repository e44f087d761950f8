//! Every product of the presets' training steps, alone: `cargo bench -- conv_transpose2d`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gan::networks::Preset;
use ganvas_benches::{gpu, plan, products, run};
use std::time::Duration;

fn kernels(criterion: &mut Criterion) {
    let gpu = gpu();
    for (preset, batch) in
        [(Preset::Dcgan28Small, 64), (Preset::Dcgan28, 64), (Preset::Dcgan64, 16)]
    {
        for kernel in products(preset, batch) {
            let mut group = criterion.benchmark_group(kernel.op);
            group.throughput(Throughput::Elements(kernel.flops));
            group.sample_size(10).warm_up_time(Duration::from_millis(200));
            group.measurement_time(Duration::from_millis(500));
            let mut compiled = None;
            group.bench_function(&kernel.name, |bencher| {
                // Compiled at the first call, as a filter may leave this kernel out.
                let plan = compiled.get_or_insert_with(|| plan(&gpu, &kernel.graph));
                bencher.iter(|| run(plan, &kernel.graph));
            });
            group.finish();
        }
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
