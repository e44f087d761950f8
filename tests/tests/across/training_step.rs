//! A whole training step, kernel by kernel, each compared with the reference on the GPU's own
//! operands.

use crate::across::step::{Step, options};
use cpu_reference::Values;
use gan::networks::Preset;
use ganvas_tests::{compare::compare, count_cases, expect_kernel, gpu};
use graph::{DType, PhaseId, Shape, TensorId};
use pollster::block_on;
use std::collections::BTreeMap;

impl Step {
    /// Runs one kernel on what is in memory and compares all that it leaves there. The worst error
    /// over what is allowed.
    fn check_kernel(&mut self, phase: PhaseId, place: usize) -> f64 {
        let kernel = self.plan.kernels(phase)[place].clone();
        let graph = &self.training.graph;
        let node = graph.node(kernel.nodes[0]);
        let operands: Vec<Values<f64>> =
            kernel.operands(graph).into_iter().map(|operand| self.values(operand)).collect();
        for &result in kernel.results(graph) {
            self.plan.poison(result);
        }
        self.plan.poison_scratch();
        let expected = expect_kernel(graph, &kernel, &operands, &self.scalars);
        block_on(self.plan.run_kernel(phase, place)).unwrap();
        let mut worst: f64 = 0.0;
        for (tensor, expected) in expected {
            let shape = graph.shape(tensor);
            let ratio = compare(&self.words_of(tensor), &expected, shape);
            worst = worst.max(ratio.unwrap_or_else(|mismatch| {
                let types: Vec<&Shape> =
                    kernel.operands(graph).iter().map(|&operand| graph.shape(operand)).collect();
                panic!("{}: {:?} of {types:?} to {shape} {mismatch}", node.scope, node.op)
            }));
        }
        worst
    }

    fn values(&self, tensor: TensorId) -> Values<f64> {
        match self.training.graph.ty(tensor).dtype {
            DType::F32 => Values::from_f32(&block_on(self.plan.read(tensor)).unwrap()),
            DType::U8 => Values::U8(block_on(self.plan.read_bytes(tensor)).unwrap()),
            DType::U32 => Values::U32(self.words_of(tensor)),
        }
    }

    fn words_of(&self, tensor: TensorId) -> Vec<u32> {
        let bytes = block_on(self.plan.read_bytes(tensor)).unwrap();
        let word = |chunk: &[u8]| u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        bytes.chunks_exact(4).map(word).collect()
    }
}

/// Checks every kernel of a step.
fn check(preset: Preset, channels: usize, batch: usize) {
    let Some(gpu) = gpu() else { return };
    let mut step = Step::new(gpu, options(preset, channels, batch, 7));
    let mut worst: BTreeMap<&'static str, f64> = BTreeMap::new();
    let mut kernels = 0;
    for phase in step.training.phases() {
        for place in 0..step.plan.kernels(phase).len() {
            let ratio = step.check_kernel(phase, place);
            let kernel = &step.plan.kernels(phase)[place];
            let name = step.training.graph.node(kernel.nodes[0]).op.name();
            let worst = worst.entry(name).or_default();
            *worst = worst.max(ratio);
            kernels += 1;
        }
    }
    assert!(kernels > 50, "{kernels} kernels");
    count_cases(gpu, kernels);
    println!("{preset} at batch {batch}: {kernels} kernels, worst errors {worst:.3?}");
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
