//! A whole training step, kernel by kernel, each compared with the reference on the GPU's own
//! operands.

use gan::{networks::Preset, options::TrainOptions};
use ganvas_tests::{count_cases, gpu};
use pollster::block_on;
use std::collections::BTreeMap;
use tensor_ops::PlanOptions;
use verification::step::{Step, options};

/// Checks every kernel of a step.
fn check(options: TrainOptions) {
    let Some(gpu) = gpu() else { return };
    let (name, batch) = (options.label(), options.batch);
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
    println!("{name} at batch {batch}: {} kernels, worst errors {worst:.3?}", kernels.len());
}

#[test]
fn dcgan28_agrees_kernel_by_kernel() {
    check(options(Preset::Dcgan28, 1, 4, 7));
}

#[test]
fn dcgan28_small_agrees_kernel_by_kernel() {
    check(options(Preset::Dcgan28Small, 1, 8, 7));
}

#[test]
fn dcgan64_agrees_kernel_by_kernel() {
    check(options(Preset::Dcgan64, 3, 2, 7));
}

/// Windows of 3x4 and 4x3 taps, strides of one and two, output padding on one axis; each number of
/// channels.
#[test]
fn dcgan_of_uneven_sizes_agrees_kernel_by_kernel() {
    for (size, channels, width) in
        [([20, 28], 4, 8), ([20, 36], 1, 8), ([68, 16], 3, 4), ([28, 20], 1, 5)]
    {
        let options = options(Preset::Dcgan, channels, 3, 7);
        check(TrainOptions { size: Some(size), width: Some(width), ..options });
    }
}
