//! Every kernel of the presets' training steps, alone, on every adapter: `cargo bench --bench
//! kernels -- conv_transpose2d`.

use benchmark::{
    kernels::{LayerKernel, kernels},
    step::Workload,
    stopwatch::Stopwatch,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ganvas_benches::{Device, devices, group, per_iteration};
use tensor_ops::{Plan, PlanOptions};

/// Work of fewer operations a byte is limited by memory on every adapter.
const ARITHMETIC: f64 = 1.5;

fn every_kernel(criterion: &mut Criterion) {
    let stopwatch = Stopwatch::new();
    for device in devices() {
        for workload in Workload::DEFAULT {
            let step = workload.step().expect("a preset");
            for kernel in kernels(&step.graph).expect("a preset's ops stand alone") {
                bench(criterion, &stopwatch, (&device, workload), &kernel);
            }
        }
    }
}

fn bench(
    criterion: &mut Criterion,
    stopwatch: &Stopwatch,
    (device, workload): (&Device, Workload),
    kernel: &LayerKernel,
) {
    let mut group = group(criterion, kernel.op);
    group.throughput(if kernel.work.intensity() < ARITHMETIC {
        Throughput::Bytes(kernel.work.bytes)
    } else {
        Throughput::Elements(kernel.work.flop)
    });
    let Workload { preset, batch } = workload;
    let fused = kernel.fused.join("+");
    let name = format!("{preset} b{batch} {fused} {}", kernel.shapes);
    // Compiled at the first call, as a filter may leave this kernel out.
    let mut compiled = None;
    group.bench_function(BenchmarkId::new(&device.name, name), |bencher| {
        let plan = compiled.get_or_insert_with(|| compile(device, kernel));
        let (phase, clock) = (kernel.graph.current_phase(), stopwatch.clock());
        bencher.iter_custom(|iterations| {
            per_iteration(iterations, |n| pollster::block_on(plan.time_kernel(phase, 0, n, &clock)))
        });
    });
}

fn compile(device: &Device, kernel: &LayerKernel) -> Plan {
    let plan = kernel.compile(&device.gpu, PlanOptions::default());
    pollster::block_on(plan).expect("the device runs it")
}

criterion_group!(benches, every_kernel);
criterion_main!(benches);
