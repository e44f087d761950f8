//! A whole training step, kernel by kernel, each compared with the reference on the GPU's own
//! operands.

use gan::networks::Preset;
use ganvas_tests::{count_cases, gpu};
use pollster::block_on;
use std::collections::BTreeMap;
use tensor_ops::PlanOptions;
use verification::step::{Step, options};

/// Checks every kernel of a step.
fn check(preset: Preset, channels: usize, batch: usize) {
    let Some(gpu) = gpu() else { return };
    let options = options(preset, channels, batch, 7);
    let mut step = block_on(Step::new(gpu, options, PlanOptions::default())).unwrap();
    let kernels = block_on(step.check_kernels()).unwrap();
    let mut worst: BTreeMap<&'static str, f64> = BTreeMap::new();
    for kernel in &kernels {
        let wrong = |mismatch| panic!("{} {mismatch}", kernel.place);
        let ratio = kernel.result.clone().unwrap_or_else(wrong);
        let worst = worst.entry(kernel.op).or_default();
        *worst = worst.max(ratio);
    }
    assert!(kernels.len() > 50, "{} kernels", kernels.len());
    count_cases(gpu, kernels.len() as u64);
    println!("{preset} at batch {batch}: {} kernels, worst errors {worst:.3?}", kernels.len());
}

#[test]
fn dcgan28_agrees_kernel_by_kernel() {
    check(Preset::Dcgan28, 1, 4);
}

#[test]
fn dcgan28_small_agrees_kernel_by_kernel() {
    check(Preset::Dcgan28Small, 1, 8);
}

#[test]
fn dcgan64_agrees_kernel_by_kernel() {
    check(Preset::Dcgan64, 3, 2);
}
