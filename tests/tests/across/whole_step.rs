//! A whole training step in one submission: against its kernels one by one, and against the
//! reference from end to end.

use gan::{networks::Preset, step::Metric};
use ganvas_tests::{count_cases, gpu};
use graph::{Graph, Op, TensorId};
use pollster::block_on;
use tensor_ops::{Gpu, PlanOptions};
use verification::step::{Step, options};

fn step_of(gpu: &Gpu, preset: Preset, channels: usize, batch: usize, seed: u64) -> Step {
    let options = options(preset, channels, batch, seed);
    block_on(Step::new(gpu, options, PlanOptions::default())).unwrap()
}

/// Two steps in flight at once leave every bit that their kernels leave one by one.
fn agrees_with_its_kernels(preset: Preset, channels: usize, batch: usize) {
    let Some(gpu) = gpu() else { return };
    let mut whole = step_of(gpu, preset, channels, batch, 7);
    let mut apart = step_of(gpu, preset, channels, batch, 7);
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
    agrees_with_its_kernels(Preset::Dcgan28Small, 1, 8);
}

#[test]
fn dcgan64_agrees_with_its_kernels() {
    agrees_with_its_kernels(Preset::Dcgan64, 3, 2);
}

/// How near 0 an element before a LeakyReLU must not lie, relative to the root mean square of its
/// tensor: there rounding decides the slope, and one element of another slope was measured to
/// change gradients by 1e-3 to 1e-2. Rounding moves such an element by some 1e-7 of that, and in
/// the generator's turn by 1e-6, as Adam amplifies what is off in the smallest gradients.
const NEAR_A_KINK: f64 = 2e-6;

/// How far gradients, moments, statistics and metrics may be off, as ‖error‖ / ‖expected‖.
const RELATIVE_L2: f64 = 1e-4;

/// One step from a seed for which no kink is near.
fn agrees_end_to_end(preset: Preset, channels: usize, batch: usize, seed: u64) {
    let Some(gpu) = gpu() else { return };
    let mut step = step_of(gpu, preset, channels, batch, seed);
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
    println!("{preset} of seed {seed}: the nearest kink is {nearest:e} away");
    assert!(nearest > NEAR_A_KINK, "a kink is near, take another seed");
    for (name, storage) in step.storages() {
        let found = block_on(step.plan.read_storage(storage)).unwrap();
        let error = relative_l2(&found, reference.interpreter.storage(storage));
        println!("{name}: {error:e}");
        // Adam's first step is a sign, also where a gradient is 0 but for rounding; the kernel by
        // kernel comparison looks at the weights.
        if !["d.parameters", "g.parameters", "g.ema"].contains(&&*name) {
            assert!(error <= RELATIVE_L2, "{name} is off by {error:e}");
        }
    }
    count_cases(gpu, 1);
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

#[test]
fn dcgan28_small_agrees_end_to_end() {
    agrees_end_to_end(Preset::Dcgan28Small, 1, 8, 0);
}

#[test]
fn dcgan64_agrees_end_to_end() {
    agrees_end_to_end(Preset::Dcgan64, 3, 2, 9);
}

#[test]
fn ten_steps_agree_in_their_losses() {
    const ALLOWED: f64 = 1e-3;
    let Some(gpu) = gpu() else { return };
    let mut step = step_of(gpu, Preset::Dcgan28Small, 1, 8, 7);
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
