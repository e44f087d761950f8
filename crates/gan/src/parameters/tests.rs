use super::*;
use crate::{
    forward::{BoundNetwork, Mode},
    networks::{Initialisation, NetworkError, Networks, Preset},
};
use cpu_reference::{Interpreter, Values};
use graph::{Graph, TensorType, Window};

#[test]
fn parameter_counts_by_hand() {
    let dense_28 = 100 * 12_544 + 2 * 12_544;
    let generator_28 = dense_28 + 25 * 256 * 128 + 2 * 128 + 25 * 128 * 64 + 2 * 64 + 25 * 64;
    let discriminator_28 = 25 * 64 + 64 + 25 * 64 * 128 + 128 + 6_272 + 1;
    let cases = [
        (Preset::Dcgan28, 1, generator_28, discriminator_28),
        (Preset::Dcgan28Small, 1, 384_368, 14_817),
        // As PyTorch's DCGAN tutorial counts them.
        (Preset::Dcgan64, 3, 3_576_704, 2_765_568),
        (Preset::Dcgan64, 1, 3_576_704 - 2 * 64 * 16, 2_765_568 - 2 * 64 * 16),
    ];
    for (preset, channels, generator, discriminator) in cases {
        let networks = Networks::new(preset, channels).unwrap();
        assert_eq!(networks.generator.parameter_count(), generator, "{preset}");
        assert_eq!(networks.discriminator.parameter_count(), discriminator, "{preset}");
        let [height, width] = preset.image_size();
        assert_eq!(networks.image(), SampleShape::image(channels, height, width));
        assert_eq!(networks.discriminator.input(), networks.image());
        assert_eq!(networks.discriminator.output(), SampleShape::features(1));
        let sum: usize = networks.generator.table().iter().map(|row| row.parameters).sum();
        assert_eq!(sum, generator);
    }
}

#[test]
fn pytorch_names_and_shapes() {
    let networks = Networks::new(Preset::Dcgan28, 1).unwrap();
    let list = |layout: &Layout| -> Vec<String> {
        let line = |slot: &Slot| format!("{} {:?}", slot.name, slot.border.shape());
        layout.slots().iter().map(line).collect()
    };
    assert_eq!(
        list(&Layout::parameters(&networks.generator)),
        [
            "main.0.weight [12544, 100]",
            "main.1.weight [12544]",
            "main.1.bias [12544]",
            "main.4.weight [256, 128, 5, 5]",
            "main.5.weight [128]",
            "main.5.bias [128]",
            "main.7.weight [128, 64, 5, 5]",
            "main.8.weight [64]",
            "main.8.bias [64]",
            "main.10.weight [64, 1, 5, 5]",
        ]
    );
    assert_eq!(
        list(&Layout::statistics(&networks.generator))[..2],
        ["main.1.running_mean [12544]", "main.1.running_var [12544]",]
    );
    assert_eq!(
        list(&Layout::parameters(&networks.discriminator)),
        [
            "main.0.weight [64, 1, 5, 5]",
            "main.0.bias [64]",
            "main.3.weight [128, 64, 5, 5]",
            "main.3.bias [128]",
            "main.7.weight [1, 6272]",
            "main.7.bias [1]",
        ]
    );
    let networks = Networks::new(Preset::Dcgan64, 3).unwrap();
    assert_eq!(list(&Layout::parameters(&networks.generator))[0], "main.0.weight [100, 512, 4, 4]");
    let of_d = list(&Layout::parameters(&networks.discriminator));
    assert_eq!(of_d[of_d.len() - 1], "main.11.weight [1, 512, 4, 4]");
}

#[test]
fn slots_are_aligned_and_apart() {
    for &preset in Preset::all() {
        let networks = Networks::new(preset, 1).unwrap();
        for network in [&networks.generator, &networks.discriminator] {
            for layout in [Layout::parameters(network), Layout::statistics(network)] {
                let mut end = 0;
                for slot in layout.slots() {
                    assert!(slot.offset >= end && slot.offset.is_multiple_of(ALIGNMENT));
                    end = slot.range().end;
                }
                assert!(layout.elements() >= end.max(1));
            }
        }
    }
}

#[test]
fn first_values() {
    let network = Networks::new(Preset::Dcgan28Small, 1).unwrap().generator;
    let layout = Layout::parameters(&network);
    let flat = initial_parameters(&network, 7);
    assert_eq!(flat, initial_parameters(&network, 7));
    assert_ne!(flat, initial_parameters(&network, 8));
    let dense = &flat[layout.slots()[0].range()];
    let limit = (6.0f32 / (100.0 + 3136.0)).sqrt();
    let largest = dense.iter().fold(0.0f32, |largest, w| largest.max(w.abs()));
    assert!(largest <= limit && largest > 0.999 * limit, "{largest} {limit}");
    // 25 taps: √(6 / ((64 + 32) · 25)) = 0.05.
    let conv = &flat[layout.slots()[3].range()];
    let largest = conv.iter().fold(0.0f32, |largest, w| largest.max(w.abs()));
    assert!(largest <= 0.05 && largest > 0.0499, "{largest}");
    assert!(flat[layout.slots()[1].range()].iter().all(|&scale| scale == 1.0));
    assert!(flat[layout.slots()[2].range()].iter().all(|&shift| shift == 0.0));
    let statistics = initial_statistics(&network);
    assert_eq!((statistics[0], statistics[3136]), (0.0, 1.0));

    let network = Networks::new(Preset::Dcgan64, 3).unwrap().generator;
    let layout = Layout::parameters(&network);
    let flat = initial_parameters(&network, 7);
    for (slot, mean) in [(0, 0.0), (1, 1.0)] {
        let values = &flat[layout.slots()[slot].range()];
        let count = values.len() as f32;
        let found = values.iter().sum::<f32>() / count;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / count;
        assert!((found - mean).abs() < 0.08 / count.sqrt(), "{found}");
        assert!((variance.sqrt() - 0.02).abs() < 0.08 / count.sqrt(), "{variance}");
    }
    let discriminator = Networks::new(Preset::Dcgan64, 3).unwrap().discriminator;
    assert_ne!(initial_parameters(&discriminator, 7)[..64], flat[..64]);
}

#[test]
fn networks_that_do_not_fit() {
    let error = Networks::new(Preset::Dcgan28, 3).unwrap_err();
    assert_eq!(error.to_string(), "preset dcgan28 takes images of 1 channels, not of 3");
    let new = |input, layers| Network::new("g", Initialisation::GlorotUniform, input, layers);
    // Memory's order of flattened features is not PyTorch's, so another image cannot be made of it.
    let layers = vec![Layer::Flatten, Layer::Reshape { height: 4, width: 1, channels: 2 }];
    let error = new(SampleShape::image(2, 2, 2), layers).unwrap_err();
    assert!(matches!(&error, NetworkError::Layer { place, .. } if place == "g.main.1"), "{error}");
    let conv = Layer::Conv2d { outputs: 1, window: Window::square(5, 1, 0), bias: false };
    assert!(new(SampleShape::image(1, 4, 9), vec![conv.clone()]).is_err());
    assert!(new(SampleShape::features(9), vec![conv]).is_err());
    let dense = Layer::Dense { outputs: 1, bias: false };
    assert!(new(SampleShape::image(1, 1, 1), vec![dense]).is_err());
}

/// A reshape and a flatten with dense layers, batch norm and a convolution between them: memory's
/// layouts give what PyTorch's formulas give on PyTorch's layouts.
#[test]
fn the_border_keeps_the_function() {
    const LATENT: usize = 3;
    let (height, width, channels, kernels) = (2, 3, 2, 3);
    let layers = vec![
        Layer::Dense { outputs: height * width * channels, bias: true },
        Layer::BatchNorm { epsilon: 0.5, momentum: 0.1 },
        Layer::Reshape { height, width, channels },
        Layer::Conv2d { outputs: kernels, window: Window::square(2, 1, 0), bias: true },
        Layer::Flatten,
        Layer::Dense { outputs: 2, bias: true },
    ];
    let input = SampleShape::features(LATENT);
    let network = Network::new("g", Initialisation::GlorotUniform, input, layers).unwrap();
    let (parameters, statistics) = (Layout::parameters(&network), Layout::statistics(&network));
    let number = |place: usize| ((place * 7919 + 31) % 97) as f32 / 48.0 - 1.0;
    let fill = |layout: &Layout, first: usize| -> Vec<f32> {
        (0..layout.elements()).map(|place| number(place + first).abs() + 0.1).collect()
    };
    let (weights, running) = (fill(&parameters, 0), fill(&statistics, 500));
    let latent: Vec<f32> = (0..LATENT).map(|place| number(place + 900)).collect();

    let mut graph = Graph::new("evaluate");
    let storages = [
        graph.storage("parameters", parameters.elements()),
        graph.storage("statistics", statistics.elements()),
    ];
    let bound = BoundNetwork::new(&mut graph, &network, storages[0], storages[1]).unwrap();
    let x = graph.input(TensorType::f32(&[1, LATENT])).unwrap();
    let y = bound.forward(&mut graph, x, Mode::Evaluation).unwrap();
    graph.output(y);
    let phase = graph.current_phase();
    let mut interpreter = Interpreter::<f64>::new(graph);
    let wide = |values: &[f32]| -> Vec<f64> { values.iter().map(|&v| f64::from(v)).collect() };
    interpreter.write_storage(storages[0], &wide(&weights));
    interpreter.write_storage(storages[1], &wide(&running));
    interpreter.write_input(x, Values::Real(wide(&latent)));
    interpreter.run(&[phase]).unwrap();
    let Some(Values::Real(found)) = interpreter.value(y) else { panic!("no output") };

    let pytorch = |layout: &Layout, flat: &[f32], name: &str| {
        let slot = layout.slots().iter().find(|slot| slot.name == name).unwrap();
        wide(&slot.border.to_pytorch(&flat[slot.range()]))
    };
    let p = |name: &str| pytorch(&parameters, &weights, name);
    let s = |name: &str| pytorch(&statistics, &running, name);
    let linear = |x: &[f64], weight: &[f64], bias: &[f64]| -> Vec<f64> {
        let row =
            |(row, bias): (&[f64], &f64)| row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + bias;
        weight.chunks(x.len()).zip(bias).map(row).collect()
    };
    let mut x = linear(&wide(&latent), &p("main.0.weight"), &p("main.0.bias"));
    let (mean, variance) = (s("main.1.running_mean"), s("main.1.running_var"));
    let (gamma, beta) = (p("main.1.weight"), p("main.1.bias"));
    for (i, x) in x.iter_mut().enumerate() {
        *x = gamma[i] * (*x - mean[i]) / (variance[i] + 0.5).sqrt() + beta[i];
    }
    let (weight, bias) = (p("main.3.weight"), p("main.3.bias"));
    let mut flattened = Vec::new();
    for o in 0..kernels {
        for (oy, ox) in [(0, 0), (0, 1)] {
            let mut sum = bias[o];
            for c in 0..channels {
                for (ky, kx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let tap = weight[((o * channels + c) * 2 + ky) * 2 + kx];
                    sum += tap * x[(c * height + oy + ky) * width + ox + kx];
                }
            }
            flattened.push(sum);
        }
    }
    let expected = linear(&flattened, &p("main.5.weight"), &p("main.5.bias"));
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found} {expected}");
    }
    assert_eq!(found.len(), expected.len());
}
