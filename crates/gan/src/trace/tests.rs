use super::{metadata::sequential, *};
use crate::{
    checkpoint, networks::Layer, networks::Preset, trainer::Trainer, weights::replace_weights,
};
use pollster::block_on;
use safetensors::SafeTensors;
use std::collections::{BTreeMap, HashSet};

const BATCH: usize = 3;

/// A state after two steps, so that moments, statistics, average and step are not what they begin
/// with.
fn later_state() -> TrainState {
    let options =
        TrainOptions { batch: BATCH, seed: 5, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
    let mut trainer = trainer(&TrainState::new(options).unwrap());
    for step in 0..2 {
        block_on(trainer.step(&pixels(step))).unwrap();
    }
    block_on(trainer.state()).unwrap()
}

fn trainer(state: &TrainState) -> Trainer {
    block_on(Trainer::new(&Device::Cpu, state)).unwrap()
}

fn pixels(step: u64) -> Vec<u8> {
    let place = |place: u32| (step as u32 * 31 + place).wrapping_mul(2_654_435_761);
    (0..BATCH as u32 * 784).map(|number| place(number).to_be_bytes()[0]).collect()
}

fn traced(state: &TrainState) -> Trace {
    block_on(trace(&Device::Cpu, state, &pixels(state.step))).unwrap()
}

fn origin() -> Origin {
    let [ganvas, device, driver, data] = ["0", "CPU", "loops", "hashed"].map(str::to_owned);
    Origin { ganvas, device, driver, data }
}

fn values<'a>(trace: &'a Trace, name: &str) -> &'a [f32] {
    &trace.tensor(name).unwrap_or_else(|| panic!("no `{name}`")).values
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// A checkpoint's tensors by name, with `suffix` behind `param`, `m`, `v` and `ema`.
fn of_checkpoint(state: &TrainState, suffix: &str) -> BTreeMap<String, Vec<u32>> {
    let file = checkpoint::encode(state).unwrap();
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let word = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let renamed = |name: &str| name.replacen(".main.", &format!("{suffix}.main."), 1);
    tensors
        .iter()
        .map(|(name, view)| (renamed(name), view.data().chunks_exact(4).map(word).collect()))
        .collect()
}

#[test]
fn it_is_the_trainers_step_bit_for_bit() {
    let state = later_state();
    let trace = traced(&state);
    let mut trainer = trainer(&state);
    block_on(trainer.step(&pixels(state.step))).unwrap();
    let metrics = block_on(trainer.metrics()).unwrap().unwrap();
    let after = block_on(trainer.state()).unwrap();
    let mut expected = of_checkpoint(&state, "");
    expected.extend(of_checkpoint(&after, "_after"));
    assert_eq!(expected.len(), 2 * (3 * 10 + 6 + 16 + 3 * 6), "tensors of two checkpoints");
    for (name, words) in &expected {
        assert!(bits(values(&trace, name)) == *words, "{name} differs");
    }
    let found = ["loss_d", "loss_g", "d_real", "d_fake"].map(|name| values(&trace, name)[0]);
    let expected = [metrics.loss_d, metrics.loss_g, metrics.d_real, metrics.d_fake];
    assert_eq!(found.map(f64::from), expected);
}

#[test]
fn every_module_of_every_pass_is_there_once() {
    let trace = traced(&later_state());
    let names: HashSet<&str> = trace.tensors().iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(names.len(), trace.tensors().len(), "a name twice");
    let mut activations = 0;
    for (pass, network) in [
        ("g", &trace.networks.generator),
        ("d_real", &trace.networks.discriminator),
        ("d_fake", &trace.networks.discriminator),
        ("d_gen", &trace.networks.discriminator),
    ] {
        for (index, (layer, _, output)) in network.layers().enumerate() {
            let name = format!("act.{pass}.main.{index}");
            let tensor = trace.tensor(&name).unwrap();
            assert_eq!(tensor.shape[0], BATCH, "{name}");
            assert_eq!(tensor.shape[1..].iter().product::<usize>(), output.elements(), "{name}");
            let is_dropout = matches!(layer, Layer::Dropout { .. });
            assert_eq!(trace.tensor(&format!("{name}.mask")).is_some(), is_dropout, "{name}");
            activations += 1 + usize::from(is_dropout);
        }
    }
    assert_eq!(names.iter().filter(|name| name.starts_with("act.")).count(), activations);
    for tensor in trace.tensors() {
        assert_eq!(tensor.values.len(), tensor.shape.iter().product::<usize>(), "{}", tensor.name);
        let varies = tensor.values.iter().any(|value| *value != 0.0);
        assert!(varies, "{} is all zeros after two steps", tensor.name);
    }
    assert_eq!(trace.not_finite(), None);
    assert_eq!(trace.tensor("real").unwrap().shape, [BATCH, 1, 28, 28]);
    assert_eq!(trace.tensor("z").unwrap().shape, [BATCH, 100]);
    assert_eq!(values(&trace, "fake"), values(&trace, "act.g.main.11"));
    let scaled = pixels(2).into_iter().map(|pixel| (f64::from(pixel) / 127.5 - 1.0) as f32);
    assert!(scaled.eq(values(&trace, "real").iter().copied()), "one channel keeps its order");
}

/// A flatten's features are in PyTorch's order: those of the image before it.
#[test]
fn reshapes_keep_pytorchs_order() {
    let trace = traced(&later_state());
    assert_eq!(values(&trace, "act.g.main.2"), values(&trace, "act.g.main.3"));
    assert_eq!(values(&trace, "act.d_real.main.5"), values(&trace, "act.d_real.main.6"));
    assert_eq!(trace.tensor("act.g.main.3").unwrap().shape, [BATCH, 64, 7, 7]);
    assert_eq!(trace.tensor("act.d_real.main.6").unwrap().shape, [BATCH, 32 * 7 * 7]);
    // The logit is the last module's weights times those features, in this order.
    let weight = values(&trace, "d.param.main.7.weight");
    let bias = f64::from(values(&trace, "d.param.main.7.bias")[0]);
    let features = values(&trace, "act.d_real.main.6").chunks_exact(weight.len());
    for (features, &logit) in features.zip(values(&trace, "act.d_real.main.7")) {
        let products = features.iter().zip(weight).map(|(&x, &w)| f64::from(x) * f64::from(w));
        let expected = products.sum::<f64>() + bias;
        assert!((expected - f64::from(logit)).abs() <= 1e-5, "{expected} {logit}");
    }
}

#[test]
fn masks_are_what_each_dropout_multiplied_by() {
    let state = later_state();
    let trace = traced(&state);
    let kept = (1.0 / (1.0 - f64::from(0.3f32))) as f32;
    let mut different = HashSet::new();
    for pass in ["d_real", "d_fake", "d_gen"] {
        for layer in [2, 5] {
            let name = format!("act.{pass}.main.{layer}");
            let mask = values(&trace, &format!("{name}.mask"));
            assert!(mask.iter().all(|&factor| factor == 0.0 || factor == kept), "{name}");
            let zeros = mask.iter().filter(|&&factor| factor == 0.0).count() as f64;
            assert!((zeros / mask.len() as f64 - 0.3).abs() < 0.05, "{name}: {zeros} zeros");
            let before = values(&trace, &format!("act.{pass}.main.{}", layer - 1));
            let product: Vec<f32> = before.iter().zip(mask).map(|(x, factor)| x * factor).collect();
            assert_eq!(product, values(&trace, &name), "{name}");
            different.insert(bits(&mask[..64]));
        }
    }
    let first = TrainState { step: 0, ..state };
    let name = "act.d_real.main.2.mask";
    different.insert(bits(&values(&traced(&first), name)[..64]));
    assert_eq!(different.len(), 7, "passes, layers or steps share a mask");
}

/// Adam's formula from the traced gradient, in f64.
#[test]
fn weights_after_are_adams_of_the_traced_gradients() {
    let state = later_state();
    let trace = traced(&state);
    let ulps = |value: f64| value.abs() * f64::from(f32::EPSILON);
    let t = 3.0;
    let mut moved = 0;
    let gradients = trace.tensors().iter().filter(|tensor| tensor.name.contains(".grad."));
    for gradient in gradients {
        let part = |part: &str| {
            let name = gradient.name.replacen("grad", part, 1);
            values(&trace, &name).iter().map(|&value| f64::from(value))
        };
        let rows = gradient.values.iter().zip(part("param")).zip(part("param_after"));
        let moments = part("m").zip(part("m_after")).zip(part("v").zip(part("v_after")));
        for (((&g, w), w_after), ((m, m_after), (v, v_after))) in rows.zip(moments) {
            let g = f64::from(g);
            let near = |found: f64, expected: f64, scale: f64| {
                assert!((found - expected).abs() <= 4.0 * ulps(scale), "{}", gradient.name);
            };
            near(m_after, 0.5 * m + 0.5 * g, m.abs() + g.abs());
            near(v_after, 0.999 * v + 0.001 * g * g, v + 0.001 * g * g);
            let step_size = 2e-4 / (1.0 - 0.5f64.powf(t));
            let correction = 1.0 / (1.0 - 0.999f64.powf(t)).sqrt();
            let update = step_size * m_after / (v_after.sqrt() * correction + 1e-8);
            let allowed = 16.0 * ulps(update) + ulps(w);
            assert!((w_after - (w - update)).abs() <= allowed, "{}", gradient.name);
            moved += usize::from(w_after != w);
        }
    }
    assert!(moved > 300_000, "{moved} weights moved");
}

#[test]
fn a_file_has_the_tensors_and_how_to_build_the_networks() {
    let state = later_state();
    let trace = traced(&state);
    let file = trace.encode(&origin()).unwrap();
    assert!(file == traced(&state).encode(&origin()).unwrap(), "the same step, other bytes");
    let (_, header) = SafeTensors::read_metadata(&file).unwrap();
    let keys: Vec<&String> = header.metadata().as_ref().unwrap().keys().collect();
    assert_eq!(keys, [METADATA_KEY]);
    let metadata: serde_json::Value =
        serde_json::from_str(&header.metadata().as_ref().unwrap()[METADATA_KEY]).unwrap();
    assert_eq!(metadata["step"], 2);
    assert_eq!(metadata["images"], 2 * BATCH);
    assert_eq!(metadata["data"], "hashed");
    assert_eq!(metadata["options"], serde_json::to_value(&state.options).unwrap());
    let rate = metadata["average_rate"].as_f64().unwrap() as f32;
    assert_eq!(rate, 1.0 - 0.5f32.powi(10), "a half-life of a twentieth of six images");
    let tensors = SafeTensors::deserialize(&file).unwrap();
    assert_eq!(tensors.len(), trace.tensors().len());
    for tensor in trace.tensors() {
        let view = tensors.tensor(&tensor.name).unwrap();
        assert_eq!((view.dtype(), view.shape()), (Dtype::F32, tensor.shape.as_slice()));
        let bytes: Vec<u8> = tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert!(view.data() == bytes, "{}", tensor.name);
    }

    assert!(matches!(checkpoint::decode(&file), Err(checkpoint::CheckpointError::NoMetadata)));
    let mut other = TrainState::new(TrainOptions { seed: 6, ..state.options.clone() }).unwrap();
    replace_weights(&mut other, &file).unwrap();
    assert_eq!(other.generator.parameters, state.generator.parameters);
    assert_eq!(other.generator.statistics, state.generator.statistics);
    assert_eq!(other.discriminator.parameters, state.discriminator.parameters);
}

#[test]
fn modules_have_pytorchs_names_and_arguments() {
    let networks = Networks::new(Preset::Dcgan28, 1).unwrap();
    let generator = serde_json::to_value(sequential(&networks.generator)).unwrap();
    assert_eq!(generator["input"], serde_json::json!([100]));
    let expected = serde_json::json!({
        "name": "main.7", "module": "ConvTranspose2d", "in_channels": 128, "out_channels": 64,
        "kernel_size": [5, 5], "stride": [2, 2], "output_padding": [1, 1], "bias": false,
        "padding": {"top": 2, "bottom": 2, "left": 2, "right": 2}, "output": [64, 14, 14],
    });
    assert_eq!(generator["modules"][7], expected);
    let kinds = |network| -> Vec<String> {
        let value = serde_json::to_value(sequential(network)).unwrap();
        let modules = value["modules"].as_array().unwrap();
        modules.iter().map(|module| module["module"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        kinds(&networks.generator)[..4],
        ["Linear", "BatchNorm1d", "LeakyReLU", "Unflatten"]
    );
    let discriminator = kinds(&networks.discriminator);
    assert_eq!(discriminator[..3], ["Conv2d", "LeakyReLU", "Dropout"]);
    assert_eq!(discriminator[6..], ["Flatten", "Linear"]);
    let large = Networks::new(Preset::Dcgan64, 3).unwrap();
    assert_eq!(kinds(&large.generator)[..3], ["ConvTranspose2d", "BatchNorm2d", "ReLU"]);
    assert_eq!(kinds(&large.generator).last().unwrap(), "Tanh");
}

#[test]
fn the_first_tensor_that_is_not_finite_is_named() {
    let mut state = later_state();
    state.discriminator.parameters.fill(1e38);
    let trace = traced(&state);
    let name = trace.not_finite().unwrap();
    assert_eq!(name, "act.d_real.main.0");
}

#[test]
fn a_batch_of_another_size_is_refused() {
    let error = block_on(trace(&Device::Cpu, &later_state(), &[0; 784])).unwrap_err();
    assert!(matches!(error, TrainError::Pixels { .. }), "{error}");
}
