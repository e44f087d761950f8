//! A whole training step in one submission: against its kernels one by one, and against the
//! reference from end to end.

use gan::{
    networks::{Networks, Preset},
    options::TrainOptions,
    parameters::Layout,
    step::{Metric, TrainingStep},
};
use ganvas_tests::{count_cases, gpu};
use graph::{Graph, Op, StorageId, TensorId};
use pollster::block_on;
use std::{collections::HashMap, ops::Range};
use tensor_ops::{Gpu, PlanOptions};
use verification::step::{Step, options};

fn step_of(gpu: &Gpu, options: &TrainOptions) -> Step {
    block_on(Step::new(gpu, options.clone(), PlanOptions::default())).unwrap()
}

/// Images of 36 by 20 with transparency: one axis is halved once more than the other, from an odd
/// extent.
fn uneven(batch: usize, seed: u64) -> TrainOptions {
    let (size, width) = (Some([20, 36]), Some(8));
    TrainOptions { size, width, ..options(Preset::Dcgan, 4, batch, seed) }
}

/// Two steps in flight at once leave every bit that their kernels leave one by one.
fn agrees_with_its_kernels(options: &TrainOptions) {
    let Some(gpu) = gpu() else { return };
    let mut whole = step_of(gpu, options);
    let mut apart = step_of(gpu, options);
    let before = block_on(whole.words()).unwrap();
    for step in 0..2 {
        whole.prepare(step);
        block_on(whole.plan.run(&whole.training.phases())).unwrap();
    }
    for step in 0..2 {
        apart.prepare(step);
        for phase in apart.training.phases() {
            for place in 0..apart.plan.kernels(phase).len() {
                block_on(apart.plan.run_kernel(phase, place)).unwrap();
            }
        }
    }
    let [whole, apart] = [whole, apart].map(|step| block_on(step.words()).unwrap());
    for (name, words) in &whole {
        assert!(*words == apart[name], "{name} differs");
    }
    let kept: Vec<&String> = whole.keys().filter(|&name| whole[name] == before[name]).collect();
    // A discriminator without batch norm has no statistics that move.
    assert!(kept.is_empty() || kept == ["d.statistics"], "{kept:?} as before");
    count_cases(gpu, whole.len() as u64);
}

#[test]
fn dcgan28_small_agrees_with_its_kernels() {
    agrees_with_its_kernels(&options(Preset::Dcgan28Small, 1, 8, 7));
}

#[test]
fn dcgan64_agrees_with_its_kernels() {
    agrees_with_its_kernels(&options(Preset::Dcgan64, 3, 2, 7));
}

#[test]
fn dcgan_of_an_uneven_size_agrees_with_its_kernels() {
    agrees_with_its_kernels(&uneven(3, 7));
}

/// How near 0 an element before a LeakyReLU must not lie, relative to the root mean square of its
/// tensor: there rounding decides the slope, and one element of another slope was measured to
/// change gradients by 1e-3 to 1e-2. Rounding moves such an element by some 1e-7 of that, and in
/// the generator's turn by 1e-6, as Adam amplifies what is off in the smallest gradients.
const NEAR_A_KINK: f64 = 2e-6;

/// How far each tensor of gradients, moments and statistics and each metric may be off, as
/// ‖error‖ / ‖expected‖.
const RELATIVE_L2: f64 = 1e-4;

/// One step from a seed for which no kink is near.
fn agrees_end_to_end(options: &TrainOptions) {
    let Some(gpu) = gpu() else { return };
    let mut step = step_of(gpu, options);
    block_on(step.plan.run(&step.training.phases())).unwrap();
    let (graph, before_kinks) = with_outputs_before_kinks(&step.training.graph);
    let mut reference = step.reference(graph);
    reference.run(&step, 0).unwrap();
    let distances = before_kinks.into_iter().map(|tensor| {
        let values = reference.interpreter.value(tensor).unwrap().real();
        let squares: f64 = values.iter().map(|x| x * x).sum();
        let least = values.iter().fold(f64::INFINITY, |least, x| x.abs().min(least));
        least / (squares / values.len() as f64).sqrt()
    });
    let nearest = distances.fold(f64::INFINITY, f64::min);
    let (name, seed) = (options.label(), options.seed);
    println!("{name} of seed {seed}: the nearest kink is {nearest:e} away");
    assert!(nearest > NEAR_A_KINK, "a kink is near, take another seed");
    let networks = options.networks().unwrap();
    let storages = judged(&step.training, &networks);
    // Adam's first step is a sign, also where a gradient is 0 but for rounding; the kernel by
    // kernel comparison looks at the weights.
    let weights = ["d.parameters", "g.ema", "g.parameters"];
    assert_eq!(storages.len() + weights.len(), step.storages().len(), "every storage is judged");
    let mut tensors = 0;
    for (name, storage) in step.storages() {
        let Some(ranges) = storages.get(&storage) else {
            assert!(weights.contains(&&*name), "{name} is not judged");
            continue;
        };
        let found = block_on(step.plan.read_storage(storage)).unwrap();
        let errors = errors_of(&found, reference.interpreter.storage(storage), ranges);
        let worst = errors.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        println!("{name}: {:e} at worst of {} tensors, in {}", worst.1, ranges.len(), worst.0);
        for (tensor, error) in &errors {
            assert!(holds(*error), "{name}, {tensor} is off by {error:e}");
        }
        tensors += errors.len();
    }
    count_cases(gpu, tensors as u64);
}

/// Whether an error is allowed, which a NaN never is.
fn holds(error: f64) -> bool {
    error <= RELATIVE_L2
}

/// The name and place of each tensor of a storage.
type Tensors = Vec<(String, Range<usize>)>;

/// The tensors of the storages that are judged.
fn judged(training: &TrainingStep, networks: &Networks) -> HashMap<StorageId, Tensors> {
    let tensors = |layout: Layout| -> Tensors {
        layout.slots().iter().map(|slot| (slot.name.clone(), slot.range())).collect()
    };
    let metric = |metric: Metric| (metric.name().to_owned(), metric.offset()..metric.offset() + 1);
    let mut judged = HashMap::from([
        (training.metrics, Metric::ALL.map(metric).to_vec()),
        (training.average.statistics, tensors(Layout::statistics(&networks.generator))),
    ]);
    for (network, of) in [
        (&networks.generator, training.generator),
        (&networks.discriminator, training.discriminator),
    ] {
        for storage in [of.gradients, of.first_moment, of.second_moment] {
            judged.insert(storage, tensors(Layout::parameters(network)));
        }
        judged.insert(of.statistics, tensors(Layout::statistics(network)));
    }
    judged
}

/// How far each tensor of a storage is off, and the rest of the storage, where no tensor lies.
fn errors_of(found: &[f32], expected: &[f64], tensors: &Tensors) -> Vec<(String, f64)> {
    assert_eq!(found.len(), expected.len());
    let error = |(name, range): &(String, Range<usize>)| {
        (name.clone(), relative_l2(&found[range.clone()], &expected[range.clone()]))
    };
    let mut errors: Vec<(String, f64)> = tensors.iter().map(error).collect();
    let is_rest = |place: &usize| !tensors.iter().any(|(_, range)| range.contains(place));
    let rest: Vec<usize> = (0..found.len()).filter(is_rest).collect();
    let found: Vec<f32> = rest.iter().map(|&place| found[place]).collect();
    let expected: Vec<f64> = rest.iter().map(|&place| expected[place]).collect();
    errors.push(("between the tensors".to_owned(), relative_l2(&found, &expected)));
    errors
}

/// The graph with what LeakyReLU is applied to as outputs.
fn with_outputs_before_kinks(graph: &Graph) -> (Graph, Vec<TensorId>) {
    let mut graph = graph.clone();
    let leaky_relus = graph.nodes().filter(|(_, node)| matches!(node.op, Op::LeakyRelu { .. }));
    let operands: Vec<TensorId> = leaky_relus.map(|(_, node)| node.operands[0]).collect();
    assert!(operands.len() >= 9, "three layers or more, three of them three times");
    for &operand in &operands {
        graph.output(operand);
    }
    (graph, operands)
}

/// ‖found - expected‖ / ‖expected‖, and ‖found‖ where nothing is expected.
fn relative_l2(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let mut differences = found.iter().zip(expected).map(|(&found, x)| f64::from(found) - x);
    let size = norm(&mut expected.iter().copied());
    norm(&mut differences) / if size > 0.0 { size } else { 1.0 }
}

/// What is far off in a small tensor cannot hide beside a large one, nor between tensors, nor as NaN.
#[test]
fn each_tensor_is_judged_on_its_own() {
    let tensors = vec![("large".to_owned(), 0..4), ("small".to_owned(), 4..5)];
    let expected = [1e6, 1e6, -1e6, 1e6, 1e-3, 0.0];
    let held = |place: usize, by: f32| {
        let mut found = expected.map(|x| x as f32);
        found[place] += by;
        let errors = errors_of(&found, &expected, &tensors);
        errors.into_iter().map(|(_, error)| holds(error)).collect::<Vec<bool>>()
    };
    assert_eq!(held(4, 0.0), [true, true, true]);
    assert_eq!(held(0, 1e3), [false, true, true]);
    assert_eq!(held(4, 1e-6), [true, false, true]);
    assert_eq!(held(5, 1e-3), [true, true, false]);
    assert_eq!(held(4, f32::NAN), [true, false, true]);
}

#[test]
fn dcgan28_small_agrees_end_to_end() {
    agrees_end_to_end(&options(Preset::Dcgan28Small, 1, 8, 0));
}

#[test]
fn dcgan64_agrees_end_to_end() {
    agrees_end_to_end(&options(Preset::Dcgan64, 3, 2, 9));
}

#[test]
fn dcgan_of_an_uneven_size_agrees_end_to_end() {
    agrees_end_to_end(&uneven(3, 12));
}

#[test]
fn ten_steps_agree_in_their_losses() {
    const ALLOWED: f64 = 1e-3;
    let Some(gpu) = gpu() else { return };
    let mut step = step_of(gpu, &options(Preset::Dcgan28Small, 1, 8, 7));
    let mut reference = step.reference(step.training.graph.clone());
    let metrics = step.training.metrics;
    let mut sums = [[0.0; 2]; Metric::ALL.len()];
    for number in 0..10 {
        step.prepare(number);
        block_on(step.plan.run(&step.training.phases())).unwrap();
        reference.run(&step, number).unwrap();
        let found = block_on(step.plan.read_storage(metrics)).unwrap();
        for (metric, [sum, expected_sum]) in Metric::ALL.into_iter().zip(&mut sums) {
            let [found, expected] = [
                f64::from(found[metric.offset()]),
                reference.interpreter.storage(metrics)[metric.offset()],
            ];
            let difference = (found - *sum) - (expected - *expected_sum);
            assert!(
                difference.abs() <= ALLOWED,
                "{} of step {number}: {difference}",
                metric.name()
            );
            [*sum, *expected_sum] = [found, expected];
        }
    }
    count_cases(gpu, 10);
}
