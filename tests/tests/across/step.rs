//! A preset's training step on a plan and in the reference, between steps and kernels.

use cpu_reference::{Interpreter, Values};
use gan::{
    networks::{Networks, Preset},
    options::TrainOptions,
    state::{NetworkState, TrainState},
    step::{NetworkStorages, TrainingStep},
};
use graph::{Graph, ScalarId, StorageId, scalars};
use pollster::block_on;
use std::collections::BTreeMap;
use tensor_ops::{Gpu, Plan};

/// A preset's training step, ready to run from the weights that training begins with.
pub(crate) struct Step {
    pub(crate) training: TrainingStep,
    pub(crate) plan: Plan,
    options: TrainOptions,
    /// The bits of each scalar.
    pub(crate) scalars: Vec<u32>,
}

impl Step {
    /// Ready for the first step.
    pub(crate) fn new(gpu: &Gpu, options: TrainOptions) -> Self {
        let networks = Networks::new(options.preset, options.channels).unwrap();
        let training = TrainingStep::new(&networks, &options).unwrap();
        let plan = block_on(Plan::compile(gpu, &training.graph)).unwrap();
        let scalars = vec![0; training.graph.scalar_names().len()];
        let mut step = Self { training, plan, options, scalars };
        for (storage, values) in step.first_numbers() {
            step.plan.write_storage(storage, &values);
        }
        step.prepare(0);
        step
    }

    /// Writes the pixels and the numbers of a step, counted from 0.
    pub(crate) fn prepare(&mut self, step: u32) {
        for (scalar, bits) in self.scalars_of(step) {
            self.scalars[scalar.index()] = bits;
            self.plan.set_scalar(scalar, bits);
        }
        self.plan.write_input(self.training.pixels, &self.pixels_of(step));
    }

    /// The same step in f64, on this graph or one with more outputs.
    pub(crate) fn reference(&self, graph: Graph) -> Reference {
        let mut interpreter = Interpreter::new(graph);
        for (storage, values) in self.first_numbers() {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            interpreter.write_storage(storage, &values);
        }
        Reference { interpreter }
    }

    /// Every storage of the graph, by its name.
    pub(crate) fn storages(&self) -> BTreeMap<String, StorageId> {
        let TrainingStep { generator, discriminator, average, metrics, .. } = self.training;
        let mut all = vec![average.parameters, average.statistics, metrics];
        for of in [generator, discriminator] {
            let NetworkStorages { parameters, gradients, first_moment, .. } = of;
            all.extend([parameters, gradients, first_moment, of.second_moment, of.statistics]);
        }
        let names = self.training.graph.storages();
        assert_eq!(all.len(), names.len());
        all.into_iter().map(|storage| (names[storage.index()].name.clone(), storage)).collect()
    }

    /// The words of every storage, by its name.
    pub(crate) fn words(&self) -> BTreeMap<String, Vec<u32>> {
        let words = |storage| {
            let values = block_on(self.plan.read_storage(storage)).unwrap();
            values.into_iter().map(f32::to_bits).collect()
        };
        self.storages().into_iter().map(|(name, storage)| (name, words(storage))).collect()
    }

    /// What training begins with; no gradients.
    fn first_numbers(&self) -> Vec<(StorageId, Vec<f32>)> {
        let TrainState { generator, discriminator, average, .. } =
            TrainState::new(self.options.clone()).unwrap();
        let of_network = |of: NetworkStorages, state: NetworkState| {
            [
                (of.parameters, state.parameters),
                (of.first_moment, state.first_moment),
                (of.second_moment, state.second_moment),
                (of.statistics, state.statistics),
            ]
        };
        let mut numbers = vec![
            (self.training.average.parameters, average.parameters),
            (self.training.average.statistics, average.statistics),
        ];
        numbers.extend(of_network(self.training.generator, generator));
        numbers.extend(of_network(self.training.discriminator, discriminator));
        numbers
    }

    /// Adam's are those of the step; the average's rate is one at which old and new both count.
    fn scalars_of(&self, step: u32) -> Vec<(ScalarId, u32)> {
        let hyper = &self.options.hyper_parameters;
        let t = f64::from(step + 1);
        let step_size = hyper.learning_rate / (1.0 - hyper.beta1.powf(t));
        let correction = 1.0 / (1.0 - hyper.beta2.powf(t)).sqrt();
        let of_step = self.training.scalars;
        vec![
            (scalars::SEED_LOW, self.options.seed as u32),
            (scalars::STEP, step),
            (of_step.adam_step_size, (step_size as f32).to_bits()),
            (of_step.adam_correction, (correction as f32).to_bits()),
            (of_step.average_rate, 0.25f32.to_bits()),
        ]
    }

    /// Hashed from their place and the step.
    fn pixels_of(&self, step: u32) -> Vec<u8> {
        let elements = self.training.graph.shape(self.training.pixels).elements() as u32;
        let hash = |place: u32| place.wrapping_mul(0x9e37_79b9) ^ step.wrapping_mul(0x85eb_ca6b);
        (0..elements).map(|place| (hash(place) >> 23) as u8).collect()
    }
}

/// A training step in f64.
pub(crate) struct Reference {
    pub(crate) interpreter: Interpreter<f64>,
}

impl Reference {
    /// Runs a step, counted from 0.
    pub(crate) fn run(&mut self, of: &Step, step: u32) {
        for (scalar, bits) in of.scalars_of(step) {
            self.interpreter.set_scalar(scalar, bits);
        }
        self.interpreter.write_input(of.training.pixels, Values::U8(of.pixels_of(step)));
        self.interpreter.run(&of.training.phases()).unwrap();
    }
}

/// The options of a preset's tests.
pub(crate) fn options(preset: Preset, channels: usize, batch: usize, seed: u64) -> TrainOptions {
    TrainOptions { batch, seed, ..TrainOptions::new(preset, channels) }
}
