//! Traces: of an adapter against its own training step, and against the CPU's.

use gan::{
    executor::Device,
    networks::{Layer, Network, Networks, Preset},
    options::TrainOptions,
    parameters::Layout,
    state::TrainState,
    trace::{Trace, TraceTensor, trace},
    trainer::Trainer,
};
use ganvas_tests::{count_cases, gpu};
use pollster::block_on;
use tensor_ops::Gpu;

/// How near 0 an element before a LeakyReLU must not lie, relative to the root mean square of its
/// tensor, and how far gradients may then be off: as in `whole_step`, whose seeds these are.
const NEAR_A_KINK: f64 = 2e-6;
const RELATIVE_L2: f64 = 1e-4;

struct Case {
    networks: Networks,
    state: TrainState,
    pixels: Vec<u8>,
}

impl Case {
    fn new(preset: Preset, channels: usize, batch: usize, seed: u64) -> Self {
        let options = TrainOptions { batch, seed, ..TrainOptions::new(preset, channels) };
        let networks = Networks::new(preset, channels).unwrap();
        let bytes = (batch * networks.image().elements()) as u32;
        let pixels = (0..bytes).map(|place| (place.wrapping_mul(0x9e37_79b9) >> 23) as u8);
        let pixels = pixels.collect();
        Self { networks, state: TrainState::new(options).unwrap(), pixels }
    }

    fn on(&self, device: &Device) -> Trace {
        block_on(trace(device, &self.state, &self.pixels)).unwrap()
    }

    /// Each pass's name with the network that it runs.
    fn passes(&self) -> [(&'static str, &Network); 4] {
        let Networks { generator: g, discriminator: d } = &self.networks;
        [("g", g), ("d_real", d), ("d_fake", d), ("d_gen", d)]
    }
}

fn device(gpu: &Gpu) -> Device {
    Device::Gpu(gpu.clone())
}

fn values<'a>(trace: &'a Trace, name: &str) -> &'a [f32] {
    &trace.tensor(name).unwrap_or_else(|| panic!("no `{name}`")).values
}

/// Keeping activations changes no number: a traced step leaves what the trainer's leaves, bit for
/// bit.
fn leaves_what_training_leaves(preset: Preset, channels: usize, batch: usize) {
    let Some(gpu) = gpu() else { return };
    let case = Case::new(preset, channels, batch, 3);
    let mut trainer = block_on(Trainer::new(&device(gpu), &case.state)).unwrap();
    block_on(trainer.step(&case.pixels)).unwrap();
    let metrics = block_on(trainer.metrics()).unwrap().unwrap();
    let TrainState { generator: g, discriminator: d, average, .. } =
        block_on(trainer.state()).unwrap();

    let trace = case.on(&device(gpu));
    let Networks { generator, discriminator } = &case.networks;
    let [g_layout, d_layout] = [generator, discriminator].map(Layout::parameters);
    let [g_statistics, d_statistics] = [generator, discriminator].map(Layout::statistics);
    let mut compared = 0;
    for (part, layout, numbers) in [
        ("g.param_after", &g_layout, &g.parameters),
        ("g.param_after", &g_statistics, &g.statistics),
        ("g.m_after", &g_layout, &g.first_moment),
        ("g.v_after", &g_layout, &g.second_moment),
        ("g.ema_after", &g_layout, &average.parameters),
        ("g.ema_after", &g_statistics, &average.statistics),
        ("d.param_after", &d_layout, &d.parameters),
        ("d.param_after", &d_statistics, &d.statistics),
        ("d.m_after", &d_layout, &d.first_moment),
        ("d.v_after", &d_layout, &d.second_moment),
    ] {
        for slot in layout.slots() {
            let name = format!("{part}.{}", slot.name);
            let expected = slot.border.to_pytorch(&numbers[slot.range()]);
            let found = values(&trace, &name).iter().map(|value| value.to_bits());
            assert!(found.eq(expected.iter().map(|value| value.to_bits())), "{name} differs");
            compared += 1;
        }
    }
    assert_eq!(f64::from(values(&trace, "loss_d")[0]), metrics.loss_d);
    assert_eq!(f64::from(values(&trace, "loss_g")[0]), metrics.loss_g);
    count_cases(gpu, compared);
}

#[test]
fn dcgan28_small_leaves_what_training_leaves() {
    leaves_what_training_leaves(Preset::Dcgan28Small, 1, 5);
}

#[test]
fn dcgan28_leaves_what_training_leaves() {
    leaves_what_training_leaves(Preset::Dcgan28, 1, 4);
}

#[test]
fn dcgan64_leaves_what_training_leaves() {
    leaves_what_training_leaves(Preset::Dcgan64, 3, 2);
}

/// A trace of the adapter and one of the CPU agree, tensor by tensor.
fn agrees_with_the_cpus(preset: Preset, channels: usize, batch: usize, seed: u64) {
    let Some(gpu) = gpu() else { return };
    let case = Case::new(preset, channels, batch, seed);
    let [found, expected] = [device(gpu), Device::Cpu].map(|device| case.on(&device));
    assert_no_kink_is_near(&case, &expected);
    let names = |trace: &Trace| -> Vec<(String, Vec<usize>)> {
        let of = |tensor: &TraceTensor| (tensor.name.clone(), tensor.shape.clone());
        trace.tensors().iter().map(of).collect()
    };
    assert_eq!(names(&found), names(&expected));
    let mut worst = (0.0, "");
    for (found, expected) in found.tensors().iter().zip(expected.tensors()) {
        let name = &expected.name;
        let is_copy = ["param", "m", "v", "ema"].contains(&name.split('.').nth(1).unwrap_or(""));
        let is_weight = name.contains("param_after") || name.contains("ema_after");
        if is_copy || name.ends_with(".mask") || name == "real" {
            assert!(found.values == expected.values, "{name} differs");
        } else if !is_weight {
            let error = relative_l2(&found.values, &expected.values);
            if error > worst.0 {
                worst = (error, name);
            }
            assert!(error <= RELATIVE_L2, "{name} is off by {error:e}");
        }
    }
    println!("{preset} of seed {seed}: the worst tensor, {}, is off by {:e}", worst.1, worst.0);
    count_cases(gpu, found.tensors().len() as u64);
    masks_are_what_the_device_multiplied_by(&case, &found);
}

#[test]
fn dcgan28_small_agrees_with_the_cpus() {
    agrees_with_the_cpus(Preset::Dcgan28Small, 1, 8, 0);
}

#[test]
fn dcgan64_agrees_with_the_cpus() {
    agrees_with_the_cpus(Preset::Dcgan64, 3, 2, 9);
}

fn assert_no_kink_is_near(case: &Case, trace: &Trace) {
    for (pass, network) in case.passes() {
        for (index, (layer, ..)) in network.layers().enumerate() {
            if matches!(layer, Layer::LeakyRelu { .. } | Layer::Relu) {
                let before = values(trace, &format!("act.{pass}.main.{}", index - 1));
                let least = before.iter().fold(f32::INFINITY, |least, x| x.abs().min(least));
                let scale =
                    norm(before.iter().map(|&x| f64::from(x))) / (before.len() as f64).sqrt();
                let near = f64::from(least) / scale;
                assert!(near > NEAR_A_KINK, "{pass}.main.{index}: {near:e}; take another seed");
            }
        }
    }
}

/// The masks come from the CPU, so this holds the device to them, element by element.
fn masks_are_what_the_device_multiplied_by(case: &Case, trace: &Trace) {
    for (pass, network) in case.passes() {
        for (index, (layer, ..)) in network.layers().enumerate() {
            let Layer::Dropout { rate } = *layer else { continue };
            let name = format!("act.{pass}.main.{index}");
            let mask = values(trace, &format!("{name}.mask"));
            let kept = (1.0 / (1.0 - f64::from(rate))) as f32;
            assert!(mask.iter().all(|&factor| factor == 0.0 || factor == kept), "{name}.mask");
            let before = values(trace, &format!("act.{pass}.main.{}", index - 1));
            let product = before.iter().zip(mask).map(|(x, factor)| x * factor);
            assert!(product.eq(values(trace, &name).iter().copied()), "{name}");
        }
    }
}

/// ‖found - expected‖ / ‖expected‖, and ‖found‖ where nothing is expected.
fn relative_l2(found: &[f32], expected: &[f32]) -> f64 {
    let size = norm(expected.iter().map(|&x| f64::from(x)));
    let pairs = found.iter().zip(expected);
    let error = norm(pairs.map(|(&found, &expected)| f64::from(found) - f64::from(expected)));
    error / if size > 0.0 { size } else { 1.0 }
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|x| x * x).sum::<f64>().sqrt()
}
