//! A whole training step, kernel by kernel, each compared with the reference on the GPU's own
//! operands.

use cpu_reference::Values;
use gan::{
    networks::{Networks, Preset},
    options::TrainOptions,
    state::{NetworkState, TrainState},
    step::{NetworkStorages, TrainingStep},
};
use ganvas_tests::{compare::compare, count_cases, expect_kernel, gpu};
use graph::{DType, PhaseId, ScalarId, Shape, StorageId, TensorId, scalars};
use pollster::block_on;
use std::collections::BTreeMap;
use tensor_ops::{Gpu, Plan};

/// A preset's first step, ready to run.
pub(crate) struct Step {
    pub(crate) training: TrainingStep,
    pub(crate) plan: Plan,
    /// The bits of each scalar.
    scalars: Vec<u32>,
}

impl Step {
    /// With the weights that training begins with, and pixels hashed from their place.
    pub(crate) fn new(gpu: &Gpu, preset: Preset, channels: usize, batch: usize) -> Self {
        let options = TrainOptions { batch, ..TrainOptions::new(preset, channels) };
        let networks = Networks::new(preset, channels).unwrap();
        let training = TrainingStep::new(&networks, &options).unwrap();
        let plan = block_on(Plan::compile(gpu, &training.graph)).unwrap();
        let mut scalars = vec![0; training.graph.scalar_names().len()];
        scalars[scalars::SEED_LOW.index()] = 7;
        let mut step = Self { training, plan, scalars };
        step.set_scalars(&options);
        step.write(&TrainState::new(options).unwrap());
        let pixels = step.training.graph.shape(step.training.pixels).elements();
        let pixels: Vec<u8> =
            (0..pixels as u32).map(|place| (place.wrapping_mul(0x9e37_79b9) >> 23) as u8).collect();
        step.plan.write_input(step.training.pixels, &pixels);
        step
    }

    /// Those of the first step; the average's rate is one at which old and new both count.
    fn set_scalars(&mut self, options: &TrainOptions) {
        let hyper = &options.hyper_parameters;
        let step_size = hyper.learning_rate / (1.0 - hyper.beta1);
        let correction = 1.0 / (1.0 - hyper.beta2).sqrt();
        let of_step = self.training.scalars;
        self.set(scalars::SEED_LOW, 7);
        self.set(of_step.adam_step_size, (step_size as f32).to_bits());
        self.set(of_step.adam_correction, (correction as f32).to_bits());
        self.set(of_step.average_rate, 0.25f32.to_bits());
    }

    fn set(&mut self, scalar: ScalarId, bits: u32) {
        self.scalars[scalar.index()] = bits;
        self.plan.set_scalar(scalar, bits);
    }

    fn write(&mut self, state: &TrainState) {
        let TrainingStep { generator, discriminator, average, .. } = self.training;
        let write = |of: NetworkStorages, state: &NetworkState| {
            self.plan.write_storage(of.parameters, &state.parameters);
            self.plan.write_storage(of.first_moment, &state.first_moment);
            self.plan.write_storage(of.second_moment, &state.second_moment);
            self.plan.write_storage(of.statistics, &state.statistics);
        };
        write(generator, &state.generator);
        write(discriminator, &state.discriminator);
        self.plan.write_storage(average.parameters, &state.average.parameters);
        self.plan.write_storage(average.statistics, &state.average.statistics);
    }

    /// Every storage of the graph.
    pub(crate) fn storages(&self) -> Vec<StorageId> {
        let TrainingStep { generator, discriminator, average, metrics, .. } = self.training;
        let of_network = |of: NetworkStorages| {
            [of.parameters, of.gradients, of.first_moment, of.second_moment, of.statistics]
        };
        let mut all = vec![average.parameters, average.statistics, metrics];
        all.extend(of_network(generator));
        all.extend(of_network(discriminator));
        all
    }

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
            let ratio = compare(&self.words(tensor), &expected, shape);
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
            DType::U32 => Values::U32(self.words(tensor)),
        }
    }

    fn words(&self, tensor: TensorId) -> Vec<u32> {
        let bytes = block_on(self.plan.read_bytes(tensor)).unwrap();
        let word = |chunk: &[u8]| u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        bytes.chunks_exact(4).map(word).collect()
    }
}

/// Checks every kernel of a step.
fn check(preset: Preset, channels: usize, batch: usize) {
    let Some(gpu) = gpu() else { return };
    let mut step = Step::new(gpu, preset, channels, batch);
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
