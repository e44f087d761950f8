//! A whole training step against PyTorch: `tests/golden/step-PRESET.json`, made by `step.py` beside
//! them, which replayed a trace in float64.

use cpu_reference::{Interpreter, Values};
use gan::{
    data::{Batches, Dataset, Mirror},
    executor::Device,
    options::TrainOptions,
    parameters::Layout,
    state::{NetworkState, TrainState},
    step::{Metric, NetworkStorages, TrainingStep},
    trace::{Trace, trace},
};
use ganvas_tests::{count_cases, gpu};
use graph::{StorageId, scalars};
use pollster::block_on;
use serde::Deserialize;
use std::collections::BTreeMap;

const DCGAN28: &str = include_str!("../../golden/step-dcgan28.json");
const DCGAN28_SMALL: &str = include_str!("../../golden/step-dcgan28-small.json");
const DCGAN64: &str = include_str!("../../golden/step-dcgan64.json");

/// How far a gradient tensor may be off on an adapter, as ‖error‖ / ‖expected‖.
const IN_F32: f64 = 1e-4;
/// The same in f64: PyTorch was given latent vectors that an adapter drew in f32.
const IN_F64: f64 = 1e-6;
/// How far a loss may be off, as a share of it.
const LOSS: f64 = 1e-5;
/// The projection of an error on random signs has the error's norm as its deviation.
const DEVIATIONS: f64 = 4.0;
/// How much more than the average an element may have of an error.
const UNEVEN: f64 = 10.0;

/// What PyTorch made of a step.
#[derive(Clone, Deserialize)]
struct Golden {
    options: TrainOptions,
    data: String,
    losses: BTreeMap<String, f64>,
    gradients: BTreeMap<String, Summary>,
}

/// A gradient in a few numbers, in PyTorch's layout.
#[derive(Clone, Deserialize)]
struct Summary {
    shape: Vec<usize>,
    norm: f64,
    /// On the signs that [`sign`] draws.
    projections: Vec<f64>,
    /// Elements and their places.
    samples: Vec<(usize, f64)>,
}

/// What a step made here, by the names of the golden.
#[derive(Clone)]
struct Found {
    losses: BTreeMap<String, f64>,
    gradients: BTreeMap<String, Tensor>,
}

/// In PyTorch's layout.
#[derive(Clone)]
struct Tensor {
    shape: Vec<usize>,
    values: Vec<f64>,
}

#[test]
fn dcgan28_agrees_with_pytorch() {
    on_the_adapter(DCGAN28);
}

#[test]
fn dcgan28_small_agrees_with_pytorch() {
    on_the_adapter(DCGAN28_SMALL);
}

#[test]
fn dcgan64_agrees_with_pytorch() {
    on_the_adapter(DCGAN64);
}

#[test]
fn the_reference_in_f64_agrees_with_pytorch() {
    let golden = read(DCGAN28_SMALL);
    let worst =
        compare(&in_f64(&golden), &golden, IN_F64).unwrap_or_else(|wrong| panic!("{wrong}"));
    println!("in f64: worst error {worst:.3} of what is allowed");
}

/// Faults in a step, and in what it is compared with.
#[test]
fn wrong_steps_are_found() {
    let golden = read(DCGAN28_SMALL);
    let found = in_f64(&golden);
    compare(&found, &golden, IN_F32).unwrap();
    for (name, expected) in &golden.gradients {
        let tensor = &found.gradients[name];
        let fails = |tensor: &Tensor, expected: &Summary| {
            let judged = compare_gradient(name, tensor, expected, IN_F32);
            judged.expect_err("a fault was planted");
        };
        let changed = |change: fn(&mut Tensor)| {
            let mut wrong = tensor.clone();
            change(&mut wrong);
            fails(&wrong, expected);
        };
        changed(|tensor| tensor.values.iter_mut().for_each(|value| *value *= 1.001));
        changed(|tensor| tensor.values.iter_mut().for_each(|value| *value = -*value));
        changed(|tensor| *tensor.values.last_mut().unwrap() = f64::NAN);
        changed(|tensor| tensor.shape.insert(0, 1));
        if tensor.values.len() > 1 {
            changed(|tensor| tensor.values.rotate_right(1));
        }
        for place in 0..expected.projections.len() {
            let mut wrong = expected.clone();
            wrong.projections[place] += 1e-2 * wrong.norm;
            fails(tensor, &wrong);
        }
        for place in 0..expected.samples.len() {
            let mut wrong = expected.clone();
            wrong.samples[place].1 += 1e-2 * wrong.norm;
            fails(tensor, &wrong);
        }
    }
    for name in golden.losses.keys() {
        let mut wrong = found.clone();
        *wrong.losses.get_mut(name).unwrap() *= 1.0001;
        compare(&wrong, &golden, IN_F32).expect_err("a wrong loss");
    }
    for name in golden.gradients.keys() {
        let mut fewer = found.clone();
        fewer.gradients.remove(name);
        compare(&fewer, &golden, IN_F32).expect_err("a missing gradient");
        let mut wrong = found.clone();
        wrong.gradients.get_mut(name).unwrap().values.fill(0.0);
        compare(&wrong, &golden, IN_F32).expect_err("a gradient of zeros");
    }
}

/// The same values as `signs` in `step.py`.
#[test]
fn signs_by_hand() {
    let signs: Vec<f64> = (0..12).map(|place| sign(place, 3)).collect();
    assert_eq!(signs, [1.0, -1.0, 1.0, 1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
}

fn read(golden: &str) -> Golden {
    serde_json::from_str(golden).unwrap()
}

fn on_the_adapter(golden: &str) {
    let Some(gpu) = gpu() else { return };
    let golden = read(golden);
    let state = TrainState::new(golden.options.clone()).unwrap();
    let trace = block_on(trace(&Device::Gpu(gpu.clone()), &state, &pixels(&golden))).unwrap();
    let worst = compare(&of_trace(&trace), &golden, IN_F32);
    let worst = worst.unwrap_or_else(|wrong| panic!("{}: {wrong}", golden.options.preset));
    println!("{}: worst error {worst:.3} of what is allowed", golden.options.preset);
    count_cases(gpu, golden.gradients.len() as u64);
}

/// The first batch that training sees.
fn pixels(golden: &Golden) -> Vec<u8> {
    let data = match golden.data.as_str() {
        "digits" => Dataset::digits().unwrap(),
        "hashed" => hashed_images(),
        other => panic!("tests/golden knows no data named {other}"),
    };
    let TrainOptions { batch, seed, .. } = golden.options;
    let mut pixels = Vec::new();
    let batches = Batches::new(&data, batch, seed, Mirror::No).unwrap();
    batches.pixels(&data, 0, &mut pixels).unwrap();
    pixels
}

/// What `tests/golden/images.py` writes.
fn hashed_images() -> Dataset {
    let (count, side, channels) = (2, 64, 3);
    let bytes = (count * side * side * channels) as u32;
    let pixels = (0..bytes).map(|place| (place.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
    Dataset::in_memory("hashed", pixels, [side, side, channels])
}

fn of_trace(trace: &Trace) -> Found {
    let mut found = Found { losses: BTreeMap::new(), gradients: BTreeMap::new() };
    for tensor in trace.tensors() {
        let values: Vec<f64> = tensor.values.iter().copied().map(f64::from).collect();
        if Metric::ALL.iter().any(|metric| metric.name() == tensor.name) {
            found.losses.insert(tensor.name.clone(), values[0]);
        }
        if let Some((network, parameter)) = tensor.name.split_once(".grad.") {
            let name = format!("{network}.{parameter}");
            found.gradients.insert(name, Tensor { shape: tensor.shape.clone(), values });
        }
    }
    found
}

/// The step in the CPU reference.
fn in_f64(golden: &Golden) -> Found {
    let state = TrainState::new(golden.options.clone()).unwrap();
    let networks = state.networks().unwrap();
    let step = TrainingStep::new(&networks, &golden.options).unwrap();
    let mut interpreter = Interpreter::<f64>::new(step.graph.clone());
    let write = |interpreter: &mut Interpreter<f64>, storage: StorageId, values: &[f32]| {
        let values: Vec<f64> = values.iter().copied().map(f64::from).collect();
        interpreter.write_storage(storage, &values);
    };
    for (storages, state) in
        [(step.generator, &state.generator), (step.discriminator, &state.discriminator)]
    {
        let NetworkState { parameters, first_moment, second_moment, statistics } = state;
        write(&mut interpreter, storages.parameters, parameters);
        write(&mut interpreter, storages.first_moment, first_moment);
        write(&mut interpreter, storages.second_moment, second_moment);
        write(&mut interpreter, storages.statistics, statistics);
    }
    let hyper = &golden.options.hyper_parameters;
    let step_size = hyper.learning_rate / (1.0 - hyper.beta1);
    let correction = 1.0 / (1.0 - hyper.beta2).sqrt();
    interpreter.set_scalar(scalars::SEED_LOW, golden.options.seed as u32);
    interpreter.set_scalar(scalars::SEED_HIGH, (golden.options.seed >> 32) as u32);
    for scalar in [step.scalars.adam_step_size_g, step.scalars.adam_step_size_d] {
        interpreter.set_scalar(scalar, (step_size as f32).to_bits());
    }
    interpreter.set_scalar(step.scalars.adam_correction, (correction as f32).to_bits());
    interpreter.write_input(step.pixels, Values::U8(pixels(golden)));
    interpreter.run(&step.phases()).unwrap();

    let metrics = interpreter.storage(step.metrics);
    let loss = |metric: Metric| (metric.name().to_owned(), metrics[metric.offset()]);
    let losses = Metric::ALL.into_iter().map(loss).collect();
    let mut gradients = BTreeMap::new();
    for (network, NetworkStorages { gradients: storage, .. }) in
        [(&networks.generator, step.generator), (&networks.discriminator, step.discriminator)]
    {
        for slot in Layout::parameters(network).slots() {
            let memory = &interpreter.storage(storage)[slot.range()];
            // Places are exact in f32, for which the way to PyTorch's layout is made.
            let places: Vec<f32> = (0..memory.len()).map(|place| place as f32).collect();
            let order = slot.border.to_pytorch(&places);
            let values = order.into_iter().map(|place| memory[place as usize]).collect();
            let shape = slot.border.shape().to_vec();
            gradients.insert(format!("{}.{}", network.name(), slot.name), Tensor { shape, values });
        }
    }
    Found { losses, gradients }
}

/// The worst error over what is allowed, or what is wrong.
fn compare(found: &Found, golden: &Golden, relative_l2: f64) -> Result<f64, String> {
    let expected: Vec<&String> = golden.gradients.keys().collect();
    let names: Vec<&String> = found.gradients.keys().collect();
    if names != expected || golden.losses.len() != Metric::ALL.len() {
        return Err(format!("gradients of {names:?}, in PyTorch of {expected:?}"));
    }
    let mut worst: f64 = 0.0;
    for (name, &expected) in &golden.losses {
        let ratio = judge(name, found.losses[name], expected, LOSS * expected.abs())?;
        worst = worst.max(ratio);
    }
    for (name, expected) in &golden.gradients {
        let tensor = &found.gradients[name];
        worst = worst.max(compare_gradient(name, tensor, expected, relative_l2)?);
    }
    Ok(worst)
}

fn compare_gradient(
    name: &str,
    Tensor { shape, values }: &Tensor,
    expected: &Summary,
    relative_l2: f64,
) -> Result<f64, String> {
    if *shape != expected.shape || values.len() != shape.iter().product::<usize>() {
        return Err(format!("{name} is {shape:?}, in PyTorch {:?}", expected.shape));
    }
    let norm = values.iter().map(|x| x * x).sum::<f64>().sqrt();
    let allowed = relative_l2 * expected.norm;
    let mut worst = judge(&format!("the norm of {name}"), norm, expected.norm, allowed)?;
    for (number, &projection) in expected.projections.iter().enumerate() {
        let signed = values.iter().zip(0..).map(|(x, place)| x * sign(place, number as u32));
        let what = format!("projection {number} of {name}");
        worst = worst.max(judge(&what, signed.sum(), projection, DEVIATIONS * allowed)?);
    }
    let average = expected.norm / (values.len() as f64).sqrt();
    for &(place, sample) in &expected.samples {
        let allowed = UNEVEN * relative_l2 * (average + sample.abs());
        let what = format!("element {place} of {name}");
        worst = worst.max(judge(&what, values[place], sample, allowed)?);
    }
    Ok(worst)
}

/// The error over what is allowed. Written so that a NaN fails.
fn judge(what: &str, found: f64, expected: f64, allowed: f64) -> Result<f64, String> {
    let error = (found - expected).abs();
    if error <= allowed {
        Ok(error / allowed)
    } else {
        Err(format!("{what} is {found:e}, in PyTorch {expected:e}"))
    }
}

/// 1 or -1: bit 0 of a hash of the place and the projection's number (lowbias32 by Chris Wellons).
fn sign(place: u32, projection: u32) -> f64 {
    let mut word =
        place.wrapping_mul(0x9e37_79b9).wrapping_add(projection.wrapping_mul(0x85eb_ca6b));
    word = (word ^ word >> 16).wrapping_mul(0x7feb_352d);
    word = (word ^ word >> 15).wrapping_mul(0x846c_a68b);
    word ^= word >> 16;
    if word & 1 == 0 { 1.0 } else { -1.0 }
}
