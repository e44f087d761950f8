use super::*;
use crate::{networks::Preset, options::AdamScalars, state::TrainState};
use cpu_reference::{Interpreter, Real, Values};
use graph::{Schedule, scalars};

struct Run<T> {
    step: TrainingStep,
    interpreter: Interpreter<T>,
}

fn options(preset: Preset, channels: usize, batch: usize) -> TrainOptions {
    TrainOptions { batch, seed: 3, ..TrainOptions::new(preset, channels) }
}

/// An interpreter of the first step on random pixels, with storage as a new state has it.
fn first_step<T: Real>(options: &TrainOptions) -> Run<T> {
    let state = TrainState::new(options.clone()).unwrap();
    let step = TrainingStep::new(&state.networks().unwrap(), options).unwrap();
    let mut interpreter = Interpreter::<T>::new(step.graph.clone());
    let wide = |values: &[f32]| -> Vec<T> {
        values.iter().map(|&value| T::from(value).unwrap()).collect()
    };
    for (storages, network) in
        [(step.generator, &state.generator), (step.discriminator, &state.discriminator)]
    {
        interpreter.write_storage(storages.parameters, &wide(&network.parameters));
        interpreter.write_storage(storages.statistics, &wide(&network.statistics));
    }
    let pixels = (0..step.graph.shape(step.pixels).elements())
        .map(|place| (place as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    interpreter.write_input(step.pixels, Values::U8(pixels));
    interpreter.set_scalar(scalars::SEED_LOW, options.seed as u32);
    set_scalars(&mut interpreter, &step, options);
    Run { step, interpreter }
}

/// The host's numbers of a first step.
fn set_scalars<T: Real>(
    interpreter: &mut Interpreter<T>,
    step: &TrainingStep,
    options: &TrainOptions,
) {
    let AdamScalars { step_size_g, step_size_d, correction } = options.adam_scalars(0);
    let of_step = step.scalars;
    for (scalar, value) in [
        (of_step.adam_step_size_g, step_size_g),
        (of_step.adam_step_size_d, step_size_d),
        (of_step.adam_correction, correction),
        (of_step.average_rate, 1.0),
    ] {
        interpreter.set_scalar(scalar, value.to_bits());
    }
}

impl<T: Real> Run<T> {
    fn run(&mut self) -> [f64; 4] {
        self.interpreter.run(&self.step.phases()).unwrap();
        let metrics = self.interpreter.storage(self.step.metrics);
        Metric::ALL.map(|metric| metrics[metric.offset()].to_f64().unwrap())
    }
}

#[test]
fn f32_agrees_with_f64() {
    let options = options(Preset::Dcgan28Small, 1, 4);
    let narrow = first_step::<f32>(&options).run();
    let wide = first_step::<f64>(&options).run();
    for (narrow, wide) in narrow.iter().zip(wide) {
        assert!((narrow - wide).abs() <= 1e-5 * wide.abs(), "{narrow} {wide}");
    }
    // Two logits near 0 cost ln 2 each.
    assert!((wide[0] - 2.0 * 2f64.ln()).abs() < 0.5, "{wide:?}");
}

/// With a learning rate of 0 the discriminator stays, so each gradient is that of its own loss.
#[test]
fn gradients_are_those_of_the_losses() {
    let mut options = options(Preset::Dcgan28Small, 1, 3);
    options.hyper_parameters.learning_rate = 0.0;
    for (metric, place) in [(0, "discriminator"), (1, "generator")] {
        let mut run = first_step::<f64>(&options);
        run.run();
        let storages = match place {
            "generator" => run.step.generator,
            _ => run.step.discriminator,
        };
        let gradients = run.interpreter.storage(storages.gradients).to_vec();
        let direction: Vec<f64> =
            (0..gradients.len()).map(|place| (place as f64 * 0.7).sin()).collect();
        let expected: f64 = gradients.iter().zip(&direction).map(|(g, d)| g * d).sum();
        let loss = |distance: f64| {
            let mut run = first_step::<f64>(&options);
            let mut weights = run.interpreter.storage(storages.parameters).to_vec();
            for (weight, direction) in weights.iter_mut().zip(&direction) {
                *weight += distance * direction;
            }
            run.interpreter.write_storage(storages.parameters, &weights);
            run.run()[metric]
        };
        let found = (loss(1e-7) - loss(-1e-7)) / 2e-7;
        assert!(
            (found - expected).abs() <= 1e-5 + 1e-3 * expected.abs(),
            "{place}: {found} by differences, {expected} by the graph"
        );
        assert!(expected.abs() > 1e-3, "{place}: the direction tells nothing");
    }
}

#[test]
fn one_step_moves_what_it_should() {
    let options = options(Preset::Dcgan28Small, 1, 2);
    let before = first_step::<f32>(&options);
    let mut after = first_step::<f32>(&options);
    after.run();
    let step = &after.step;
    for storages in [step.generator, step.discriminator] {
        for storage in [storages.parameters, storages.first_moment, storages.second_moment] {
            assert_ne!(before.interpreter.storage(storage), after.interpreter.storage(storage));
        }
    }
    let statistics = step.generator.statistics;
    assert_ne!(before.interpreter.storage(statistics), after.interpreter.storage(statistics));
    for (average, value) in [
        (step.average.parameters, step.generator.parameters),
        (step.average.statistics, step.generator.statistics),
    ] {
        assert_eq!(after.interpreter.storage(average), after.interpreter.storage(value));
    }
}

#[test]
fn every_preset_builds_and_copies_no_gradient() {
    for (preset, channels) in [
        (Preset::Dcgan28, 1),
        (Preset::Dcgan28Small, 1),
        (Preset::Dcgan64, 1),
        (Preset::Dcgan64, 3),
    ] {
        let options = options(preset, channels, 2);
        let networks = Networks::new(preset, channels).unwrap();
        let step = TrainingStep::new(&networks, &options).unwrap();
        let schedule = Schedule::new(&step.graph);
        let count = |name: &str| {
            let kernels = schedule.phases.iter().flatten();
            let ops = kernels.map(|kernel| step.graph.node(kernel.nodes[0]).op.name());
            ops.filter(|&op| op == name).count()
        };
        assert_eq!(count("copy"), 0, "{preset}: gradients are made in their storage");
        assert_eq!((count("adam"), count("ema")), (2, 2), "{preset}");
        let running = if preset == Preset::Dcgan64 { 4 + 3 * 3 } else { 3 };
        assert_eq!(count("batch_norm_running"), running, "{preset}");
    }
}

#[test]
fn passes_have_scopes() {
    let options = options(Preset::Dcgan28Small, 1, 2);
    let networks = Networks::new(options.preset, 1).unwrap();
    let graph = TrainingStep::new(&networks, &options).unwrap().graph;
    for scope in ["g.main.4", "d_real.main.0", "d_fake.main.0", "d_gen.main.7", "g.adam"] {
        assert!(graph.nodes().any(|(_, node)| node.scope == scope), "{scope}");
    }
}

#[test]
fn each_pass_has_its_label() {
    let options = options(Preset::Dcgan28Small, 1, 2);
    let networks = Networks::new(options.preset, 1).unwrap();
    let graph = TrainingStep::new(&networks, &options).unwrap().graph;
    let labels: Vec<(&str, f32)> = graph
        .nodes()
        .filter_map(|(_, node)| match node.op {
            Op::BceWithLogits { target } => {
                Some((graph.producer(node.operands[0]).scope.as_str(), target))
            }
            _ => None,
        })
        .collect();
    assert_eq!(labels, [("d_real.main.7", 1.0), ("d_fake.main.7", 0.0), ("d_gen.main.7", 1.0)]);
}

#[test]
fn each_network_has_a_rate_of_its_own() {
    let mut options = options(Preset::Dcgan28Small, 1, 4);
    options.hyper_parameters.discriminator_ratio = 0.0;
    let mut run = first_step::<f64>(&options);
    let storages = [run.step.discriminator, run.step.generator].map(|of| of.parameters);
    let before = storages.map(|storage| run.interpreter.storage(storage).to_vec());
    run.run();
    let [d, g] = storages.map(|storage| run.interpreter.storage(storage));
    assert_eq!(d, before[0]);
    assert_ne!(g, before[1]);
}

/// What the watch says of a step, against sums in f64 over the storages and tensors that it reads.
#[test]
fn the_watch_measures_what_it_says() {
    let options = options(Preset::Dcgan28Small, 1, 4);
    let mut run = first_step::<f64>(&options);
    let mut step = run.step;
    let compared = 3;
    let watch = step.watch_comparing(compared, options.hyper_parameters.epsilon).unwrap();
    for tensor in [step.fakes, step.reals, step.real_logits] {
        step.graph.output(tensor);
    }
    let mut watched = Interpreter::<f64>::new(step.graph.clone());
    for of in [step.generator, step.discriminator] {
        for storage in [of.parameters, of.statistics] {
            watched.write_storage(storage, run.interpreter.storage(storage));
        }
    }
    let pixels = run.interpreter.value(step.pixels).unwrap().clone();
    watched.write_input(step.pixels, pixels);
    watched.set_scalar(scalars::SEED_LOW, options.seed as u32);
    set_scalars(&mut watched, &step, &options);
    run.interpreter.run(&step.phases()).unwrap();
    watched.run(&step.phases()).unwrap();
    watched.run(&[watch.phase]).unwrap();

    let elements = watched.storage(watch.storage).to_vec();
    let metrics = run.interpreter.storage(step.metrics);
    assert_eq!(&elements[..METRICS_ELEMENTS], metrics, "the watch changes nothing");
    let close = |signal: Signal, expected: f64| {
        let found = elements[signal.offset()];
        assert!((found - expected).abs() <= 1e-9 * expected, "{signal:?}: {found}, {expected}");
        assert!(expected > 0.0, "{signal:?}");
    };
    let squares = |storage| watched.storage(storage).iter().map(|x| x * x).sum::<f64>();
    let g = step.generator;
    close(Signal::GradientG, squares(g.gradients));
    close(Signal::WeightsG, squares(g.parameters));
    close(Signal::GradientD, squares(step.discriminator.gradients));
    let moments = watched.storage(g.first_moment).iter().zip(watched.storage(g.second_moment));
    let epsilon = f64::from(options.hyper_parameters.epsilon as f32);
    close(Signal::UpdateG, moments.map(|(m, v)| (m / (v.sqrt() + epsilon)).powi(2)).sum());
    let Some(Values::Real(logits)) = watched.value(step.real_logits) else { panic!() };
    let taken = logits.iter().filter(|&&logit| logit > 0.0).count();
    assert_eq!(elements[Signal::RealsTaken.offset()], taken as f64);
    for (images, products) in [(step.fakes, watch.fakes()), (step.reals, watch.reals())] {
        let Some(Values::Real(images)) = watched.value(images) else { panic!() };
        let expected = products_of_blocks(images, compared);
        assert_eq!(products.len(), expected.len());
        for (found, expected) in elements[products].iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{found}, {expected}");
        }
    }
    assert_eq!(watch.values, 784.0 * 4.0);
}

/// F·Fᵀ of the first 28x28 images, with the sums over their blocks of 2x2 as a row of F.
fn products_of_blocks(images: &[f64], first: usize) -> Vec<f64> {
    let row = |image: usize| -> Vec<f64> {
        let at = |y: usize, x: usize| images[image * 784 + y * 28 + x];
        let block = |of: usize| {
            let (y, x) = (of / 14 * 2, of % 14 * 2);
            at(y, x) + at(y, x + 1) + at(y + 1, x) + at(y + 1, x + 1)
        };
        (0..196).map(block).collect()
    };
    let rows: Vec<Vec<f64>> = (0..first).map(row).collect();
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum();
    rows.iter().flat_map(|a| rows.iter().map(|b| product(a, b))).collect()
}

/// What the watch holds grows with the batch only up to a few hundred images.
#[test]
fn the_watch_of_a_large_batch_is_small() {
    let elements = |batch| {
        let options = options(Preset::Dcgan28Small, 1, batch);
        let networks = Networks::new(options.preset, 1).unwrap();
        let mut step = TrainingStep::new(&networks, &options).unwrap();
        let watch = step.watch(options.hyper_parameters.epsilon).unwrap();
        assert_eq!(watch.batch, batch);
        step.graph.storages()[watch.storage.index()].elements
    };
    assert_eq!(elements(1 << 14), elements(256));
    assert!(elements(256) > elements(255));
}
