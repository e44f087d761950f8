mod interpreter;

use super::{onnx::messages::*, *};
use crate::{
    checkpoint::read,
    executor::Device,
    networks::{Initialisation, Layer, Preset},
    parameters::{Border, Draw, Layout, Role},
    sampling::{Sampler, SamplingGraph},
    state::TrainState,
    weights::{SavedState, read_state},
};
use cpu_reference::{Interpreter, Values};
use graph::{Padding, Window};
use interpreter::Array;
use pollster::block_on;
use prost::Message;
use safetensors::SafeTensors;

const BATCH: usize = 2;

fn normal(stream: u32, count: usize, mean: f32, deviation: f32) -> Vec<f32> {
    Draw { seed: 3, stream, step: 0 }.normal(count, mean, deviation)
}

/// Numbers that are all different, so that one in another's place shows.
fn numbers(layout: &Layout) -> Vec<f32> {
    let mut values = vec![0.0; layout.elements()];
    for (stream, slot) in layout.slots().iter().enumerate() {
        let count = slot.elements();
        let of = |mean, deviation| normal(stream as u32, count, mean, deviation);
        let drawn = match slot.role {
            Role::Weight => of(0.0, (count as f32).powf(-0.25)),
            Role::Scale => of(1.0, 0.2),
            Role::Bias | Role::Shift | Role::RunningMean => of(0.0, 0.2),
            Role::RunningVariance => of(0.0, 0.5).iter().map(|x| 0.3 + x * x).collect(),
        };
        values[slot.range()].copy_from_slice(&drawn);
    }
    values
}

fn state(options: TrainOptions) -> SavedState {
    let mut state = TrainState::new(options).unwrap();
    let networks = state.networks().unwrap();
    let [g, d] = [&networks.generator, &networks.discriminator];
    state.average.parameters = numbers(&Layout::parameters(g));
    state.average.statistics = numbers(&Layout::statistics(g));
    state.discriminator.parameters = numbers(&Layout::parameters(d));
    state.discriminator.statistics = numbers(&Layout::statistics(d));
    (state.step, state.images) = (5, 320);
    SavedState::of_checkpoint(state)
}

fn dcgan(size: [usize; 2], channels: usize, width: usize) -> TrainOptions {
    let (size, width) = (Some(size), Some(width));
    TrainOptions { size, width, ..TrainOptions::new(Preset::Dcgan, channels) }
}

fn model(export: &Export<'_>) -> (Model, Graph) {
    let bytes = export.onnx();
    assert!(bytes == export.onnx(), "the same export is other bytes");
    let mut model = Model::decode(bytes.as_slice()).unwrap();
    let graph = model.graph.take().unwrap();
    (model, graph)
}

/// What Ganvas makes of samples in PyTorch's order.
fn reference(export: &Export<'_>, samples: &[f32]) -> Vec<f32> {
    let network = &export.network;
    let SamplingGraph { graph, phase, latents, images, parameters, statistics } =
        SamplingGraph::new(network, BATCH).unwrap();
    let wide = |values: &[f32]| -> Vec<f64> { values.iter().copied().map(f64::from).collect() };
    let mut interpreter = Interpreter::<f64>::new(graph);
    interpreter.write_storage(parameters, &wide(export.numbers.parameters));
    interpreter.write_storage(statistics, &wide(export.numbers.statistics));
    let samples = Border::batch(BATCH, network.input()).to_memory(samples);
    interpreter.write_input(latents, Values::Real(wide(&samples)));
    interpreter.run(&[phase]).unwrap();
    let Some(Values::Real(output)) = interpreter.value(images) else { panic!("no output") };
    let output: Vec<f32> = output.iter().map(|&value| value as f32).collect();
    Border::batch(BATCH, network.output()).to_pytorch(&output)
}

/// The model, by ONNX's definitions, computes what Ganvas does.
#[track_caller]
fn assert_agrees(export: &Export<'_>, name: &str) {
    let (_, graph) = model(export);
    let samples = normal(100, BATCH * export.network.input().elements(), 0.0, 1.0);
    let mut shape = vec![BATCH];
    shape.extend(fixed_extents(&graph.input[0]));
    let values = samples.iter().copied().map(f64::from).collect();
    let found = interpreter::run(&graph, Array { shape, values });
    let expected = reference(export, &samples);
    assert_eq!(found.shape[0], BATCH);
    assert_eq!(found.shape[1..], fixed_extents(&graph.output[0]), "{name}");
    assert_eq!(found.values.len(), expected.len(), "{name}");
    let largest = expected.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
    assert!(largest > 0.05, "{name}: nothing to compare in numbers below {largest}");
    for (place, (found, expected)) in found.values.iter().zip(&expected).enumerate() {
        let error = (found - f64::from(*expected)).abs();
        assert!(error <= 1e-6 * f64::from(largest.max(1.0)), "{name}: {error:e} at {place}");
    }
}

/// The extents behind the batch, which is free.
fn fixed_extents(value: &ValueInfo) -> Vec<usize> {
    let tensor = value.r#type.clone().unwrap().tensor_type.unwrap();
    assert_eq!(tensor.elem_type, FLOAT);
    let extents: Vec<Extent> =
        tensor.shape.unwrap().dim.into_iter().map(|dimension| dimension.value.unwrap()).collect();
    assert_eq!(extents[0], Extent::Named("batch".to_owned()));
    let fixed = |extent: &Extent| match extent {
        Extent::Fixed(extent) => *extent as usize,
        Extent::Named(name) => panic!("{name} is free"),
    };
    extents[1..].iter().map(fixed).collect()
}

#[test]
fn models_of_every_preset_agree_with_the_reference() {
    for options in [
        TrainOptions::new(Preset::Dcgan28, 1),
        TrainOptions::new(Preset::Dcgan28Small, 1),
        TrainOptions::new(Preset::Dcgan64, 3),
        dcgan([48, 96], 4, 8),
        dcgan([20, 68], 1, 4),
        dcgan([76, 16], 3, 4),
        dcgan([256, 36], 1, 1),
        dcgan([16, 16], 4, 1),
    ] {
        let name = format!("{} {:?}", options.label(), options.size);
        let state = state(options);
        for (kind, weights) in [
            (NetworkKind::Generator, WeightsKind::Average),
            (NetworkKind::Discriminator, WeightsKind::Trained),
        ] {
            let export = Export::new(&state, kind, Some(weights)).unwrap();
            assert_agrees(&export, &format!("{name} {}", kind.name()));
        }
    }
}

/// What layers can have and the presets do not: biases everywhere, four paddings, uneven strides.
#[test]
fn models_of_any_layers_agree_with_the_reference() {
    let window = |kernel, stride, [top, bottom, left, right]: [usize; 4]| Window {
        kernel,
        stride,
        padding: Padding { top, bottom, left, right },
    };
    let norm = Layer::BatchNorm { epsilon: 1e-2, momentum: 0.1 };
    let layers = vec![
        Layer::Dense { outputs: 4 * 5 * 3, bias: true },
        norm.clone(),
        Layer::LeakyRelu { slope: 0.3 },
        Layer::Reshape { height: 4, width: 5, channels: 3 },
        Layer::ConvTranspose2d {
            outputs: 2,
            window: window([3, 4], [2, 3], [0, 1, 2, 1]),
            output_padding: [1, 2],
            bias: true,
        },
        norm,
        Layer::Relu,
        Layer::Dropout { rate: 0.5 },
        Layer::Conv2d { outputs: 4, window: window([2, 3], [1, 2], [1, 0, 0, 2]), bias: true },
        Layer::Tanh,
        Layer::Flatten,
        Layer::Dense { outputs: 1, bias: true },
    ];
    let input = SampleShape::features(7);
    let network = Network::new("g", Initialisation::GlorotUniform, input, layers).unwrap();
    let parameters = numbers(&Layout::parameters(&network));
    let statistics = numbers(&Layout::statistics(&network));
    let state = state(dcgan([16, 16], 1, 1));
    let export = Export::new(&state, NetworkKind::Generator, None).unwrap();
    let numbers = Weights { parameters: &parameters, statistics: &statistics };
    assert_agrees(&Export { network, numbers, ..export }, "any layers");
}

#[test]
fn a_model_says_what_it_is() {
    let state = state(TrainOptions { seed: 9, ..dcgan([48, 96], 4, 8) });
    let export = Export::new(&state, NetworkKind::Generator, None).unwrap();
    let (model, graph) = model(&export);
    assert_eq!((model.ir_version, model.opset_import[0].version), (8, 17));
    assert_eq!(model.producer_name, "ganvas");
    let said: Vec<String> =
        model.metadata_props.iter().map(|entry| format!("{}={}", entry.key, entry.value)).collect();
    let expected = ["preset=dcgan-96x48", "weights=average", "step=5", "kimg=0.32", "seed=9"];
    assert_eq!(said, expected);
    let [input, output] = [&graph.input[0], &graph.output[0]];
    assert_eq!((input.name.as_str(), fixed_extents(input)), ("z", vec![100]));
    assert_eq!((output.name.as_str(), fixed_extents(output)), ("image", vec![4, 48, 96]));
    assert!(output.doc_string.contains("multiplied by alpha"), "{}", output.doc_string);
}

#[test]
fn the_weights_asked_for_are_written() {
    let mut state = state(TrainOptions::new(Preset::Dcgan28Small, 1));
    let of = |state: &SavedState, kind, weights| {
        let export = Export::new(state, kind, Some(weights));
        export.map(|export| (export.onnx(), export.state_dict().unwrap()))
    };
    let [g, d] = NetworkKind::ALL;
    let average = of(&state, g, WeightsKind::Average).unwrap();
    let trained = of(&state, g, WeightsKind::Trained).unwrap();
    let other = of(&state, d, WeightsKind::Trained).unwrap();
    assert!(average.0 != trained.0 && average.1 != trained.1);
    let error = of(&state, d, WeightsKind::Average).unwrap_err();
    assert!(matches!(error, ExportError::NoAverage), "{error}");
    state.state.average.parameters[0] += 1.0;
    assert!(of(&state, g, WeightsKind::Trained).unwrap() == trained);
    assert!(of(&state, d, WeightsKind::Trained).unwrap() == other);
    assert!(of(&state, g, WeightsKind::Average).unwrap() != average);
}

/// The names of the state dict of PyTorch's DCGAN example, by hand.
#[test]
fn a_state_dict_has_pytorchs_names_and_counters() {
    let state = state(TrainOptions::new(Preset::Dcgan64, 3));
    let export = Export::new(&state, NetworkKind::Generator, None).unwrap();
    let bytes = export.state_dict().unwrap();
    assert!(bytes == export.state_dict().unwrap(), "the same export is other bytes");
    let file = read(&bytes).unwrap().tensors;
    let mut expected = Vec::new();
    for convolution in [0, 3, 6, 9, 12] {
        expected.push(format!("main.{convolution}.weight"));
    }
    for norm in [1, 4, 7, 10] {
        for name in ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"] {
            expected.push(format!("main.{norm}.{name}"));
        }
    }
    expected.sort();
    let mut names = file.names();
    names.sort();
    assert_eq!(names, expected);
    assert_eq!(file.tensor("main.0.weight").unwrap().shape(), [100, 512, 4, 4]);
    assert_eq!(file.tensor("main.12.weight").unwrap().shape(), [64, 3, 4, 4]);
    let counter = file.tensor("main.1.num_batches_tracked").unwrap();
    assert_eq!((counter.shape(), counter.data()), ([].as_slice(), 5i64.to_le_bytes().as_slice()));
    let export = Export::new(&state, NetworkKind::Discriminator, None).unwrap();
    let bytes = export.state_dict().unwrap();
    let counter = read(&bytes).unwrap().tensors;
    let counter = counter.tensor("main.3.num_batches_tracked").unwrap();
    assert_eq!(counter.data(), 15i64.to_le_bytes(), "three passes a step");
}

/// An export's export is itself, and of weights from elsewhere nothing is made up.
#[test]
fn an_export_says_no_more_than_is_known() {
    let state = state(dcgan([16, 20], 3, 2));
    for (kind, weights) in [
        (NetworkKind::Generator, WeightsKind::Average),
        (NetworkKind::Generator, WeightsKind::Trained),
        (NetworkKind::Discriminator, WeightsKind::Trained),
    ] {
        let export = Export::new(&state, kind, Some(weights)).unwrap();
        let (file, model) = (export.state_dict().unwrap(), export.onnx());
        let read = read_state(&file).unwrap();
        assert_eq!(read.networks, [kind]);
        let again = Export::new(&read, kind, None).unwrap();
        assert!(
            again.state_dict().unwrap() == file && again.onnx() == model,
            "{kind:?} {weights:?}"
        );
        assert_eq!(again.weights(), Some(weights));
        let other = NetworkKind::ALL[usize::from(kind == NetworkKind::Generator)];
        let error = Export::new(&read, other, None).unwrap_err();
        let expected = format!("there is no {}, only the {}", other.name(), kind.name());
        assert_eq!(error.to_string(), expected);
    }
    let average = Export::new(&state, NetworkKind::Generator, None).unwrap().state_dict().unwrap();
    let read = read_state(&average).unwrap();
    let error = Export::new(&read, NetworkKind::Generator, Some(WeightsKind::Trained)).unwrap_err();
    assert!(error.to_string().ends_with("there are the average ones"), "{error}");

    let tensors = SafeTensors::deserialize(&average).unwrap();
    let plain = safetensors::serialize(tensors.tensors(), None).unwrap();
    let read = read_state(&plain).unwrap();
    let export = Export::new(&read, NetworkKind::Generator, None).unwrap();
    let (model, _) = model(&export);
    let keys: Vec<&str> = model.metadata_props.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["preset"]);
    let file = export.state_dict().unwrap();
    let contents = crate::checkpoint::read(&file).unwrap();
    assert!(contents.tensors.names().iter().all(|name| !name.ends_with("num_batches_tracked")));
    let about: serde_json::Value = serde_json::from_str(&contents.metadata[METADATA_KEY]).unwrap();
    let about: Vec<&String> = about.as_object().unwrap().keys().collect();
    assert_eq!(about, ["ganvas", "network", "options"]);
    let error = Export::new(&read, NetworkKind::Generator, Some(WeightsKind::Average)).unwrap_err();
    assert!(error.to_string().contains("nothing says which"), "{error}");
}

/// What onnxruntime made of the export of a generator that was trained a little.
#[test]
fn onnxruntime_drew_the_same() {
    let file = include_bytes!("../../../../tests/golden/export-tiny.safetensors");
    let state = read_state(file).unwrap().state;
    assert_eq!(state.options.image_size(), [20, 16]);
    let tensors = SafeTensors::deserialize(file).unwrap();
    let values = |name: &str| -> Vec<f32> {
        let (words, _) = tensors.tensor(name).unwrap().data().as_chunks::<4>();
        words.iter().map(|word| f32::from_le_bytes(*word)).collect()
    };
    let (z, expected) = (values("z"), values("image"));
    let count = z.len() / 100;
    let mut sampler = block_on(Sampler::new(&Device::Cpu, &state)).unwrap();
    let found = block_on(sampler.images(&z)).unwrap();
    let found = Border::batch(count, sampler.image()).to_pytorch(&found);
    assert_eq!((count, found.len()), (2, expected.len()));
    assert!(expected.iter().any(|value| value.abs() > 0.1));
    for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert!((found - expected).abs() <= 1e-5, "{found}, not {expected}, at {place}");
    }
}
