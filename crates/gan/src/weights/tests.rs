use super::*;
use crate::{
    checkpoint::encode,
    export::{Export, WeightsKind},
    networks::Preset,
};
use safetensors::{Dtype, tensor::TensorView};
use std::collections::BTreeMap;

fn state(seed: u64) -> TrainState {
    let options = TrainOptions { seed, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
    TrainState::new(options).unwrap()
}

fn tiny(size: [usize; 2], channels: usize) -> TrainState {
    let options = TrainOptions {
        size: Some(size),
        width: Some(2),
        ..TrainOptions::new(Preset::Dcgan, channels)
    };
    TrainState::new(options).unwrap()
}

/// What `save_file(network.state_dict())` writes, or of both networks with these prefixes.
fn state_dicts(state: &TrainState, prefixes: &[(NetworkKind, &str)]) -> Vec<u8> {
    let files = prefixes.iter().map(|&(kind, prefix)| {
        let saved = SavedState::of_checkpoint(state.clone());
        let export = Export::new(&saved, kind, Some(WeightsKind::Trained)).unwrap();
        (export.state_dict().unwrap(), prefix)
    });
    let mut tensors: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)> = BTreeMap::new();
    for (file, prefix) in files {
        for (name, view) in SafeTensors::deserialize(&file).unwrap().tensors() {
            let tensor = (view.dtype(), view.shape().to_vec(), view.data().to_vec());
            tensors.insert(format!("{prefix}{name}"), tensor);
        }
    }
    let views = tensors.iter().map(|(name, (dtype, shape, bytes))| {
        (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

const G: NetworkKind = NetworkKind::Generator;
const D: NetworkKind = NetworkKind::Discriminator;

#[test]
fn takes_weights_and_nothing_else() {
    let mut source = state(1);
    source.generator.first_moment[0] = 5.0;
    source.generator.statistics[0] = 0.25;
    source.step = 9;
    let mut state = state(2);
    let found = replace_weights(&mut state, &encode(&source).unwrap()).unwrap();
    assert_eq!(found, [G, D]);
    assert_eq!(state.generator.parameters, source.generator.parameters);
    assert_eq!(state.discriminator.parameters, source.discriminator.parameters);
    assert_eq!(state.average.parameters, source.generator.parameters);
    assert_eq!(state.average.statistics, source.generator.statistics);
    assert_eq!((state.generator.first_moment[0], state.step), (0.0, 0));
    assert_eq!(state.options.seed, 2);
}

#[test]
fn takes_state_dicts_of_one_network_or_both() {
    let mut source = tiny([16, 20], 3);
    source.options.seed = 1;
    source.generator.statistics[1] = 0.25;
    source.discriminator.statistics[1] = 0.5;
    let begun = TrainState::new(TrainOptions { seed: 5, ..source.options.clone() }).unwrap();
    assert_ne!(begun.generator, source.generator);
    for (prefixes, expected) in [
        ([(G, "")].as_slice(), [G].as_slice()),
        (&[(D, "")], &[D]),
        (&[(D, "d.")], &[D]),
        (&[(G, "g."), (D, "d.")], &[G, D]),
        (&[(G, "g.param."), (D, "d.")], &[G, D]),
        (&[(G, ""), (D, "d.")], &[G, D]),
    ] {
        let bytes = state_dicts(&source, prefixes);
        check_weights(&bytes).unwrap();
        let mut state = begun.clone();
        assert_eq!(replace_weights(&mut state, &bytes).unwrap(), expected, "{prefixes:?}");
        let of = |kind| if expected.contains(&kind) { &source } else { &begun };
        assert_eq!(state.generator, of(G).generator, "{prefixes:?}");
        assert_eq!(state.average.statistics, of(G).generator.statistics, "{prefixes:?}");
        assert_eq!(state.discriminator, of(D).discriminator, "{prefixes:?}");
    }
}

#[test]
fn the_networks_are_found_by_metadata_or_by_shapes() {
    let sized = |size, channels| tiny(size, channels).options;
    let presets = [
        TrainOptions::new(Preset::Dcgan28, 1),
        TrainOptions::new(Preset::Dcgan28Small, 1),
        TrainOptions::new(Preset::Dcgan64, 4),
    ];
    for (options, by_shapes) in presets
        .map(|options| (options.clone(), options))
        .into_iter()
        .chain(
            [[16, 20], [256, 16], [128, 96], [20, 24]].map(|size| (sized(size, 3), sized(size, 3))),
        )
        .chain([(sized([36, 76], 1), sized([32, 64], 1))])
    {
        let mut state = TrainState::new(TrainOptions { seed: 7, ..options.clone() }).unwrap();
        state.average.parameters[0] = 0.5;
        let saved = SavedState::of_checkpoint(state.clone());
        let export = Export::new(&saved, G, None).unwrap().state_dict().unwrap();
        let SavedState { state: read, networks, .. } = read_state(&export).unwrap();
        assert_eq!(networks, [G]);
        assert_eq!(read.options, state.options);
        assert!(read.average == state.average, "{:?}", options.size);
        state.average.parameters[0] = 0.25;
        let read = read_state(&encode(&state).unwrap()).unwrap();
        assert!(read == SavedState::of_checkpoint(state.clone()), "{:?}", options.size);
        for prefix in ["", "g."] {
            let read = read_state(&state_dicts(&state, &[(G, prefix)])).unwrap().state;
            assert_eq!(read.options, by_shapes, "{:?}", options.size);
            assert_eq!(read.average.parameters, state.generator.parameters);
        }
    }
}

#[test]
fn refuses_what_does_not_fit() {
    let mut source = state(1);
    source.discriminator.parameters[0] = f32::NAN;
    let mut small = state(2);
    let before = small.clone();
    let error = replace_weights(&mut small, &encode(&source).unwrap()).unwrap_err();
    assert!(error.to_string().contains("`d.param.main.0.weight`"), "{error}");
    assert_eq!(small, before);
    let mut large = TrainState::new(TrainOptions::new(Preset::Dcgan28, 1)).unwrap();
    let error = replace_weights(&mut large, &encode(&state(1)).unwrap()).unwrap_err();
    assert!(error.to_string().contains("[12544, 100]"), "{error}");
    let mut other = TrainState::new(TrainOptions::new(Preset::Dcgan64, 3)).unwrap();
    assert!(replace_weights(&mut other, &encode(&state(1)).unwrap()).is_err());
    assert!(replace_weights(&mut other, b"").is_err());
    let error = replace_weights(&mut other, &state_dicts(&state(1), &[(G, "")])).unwrap_err();
    let parts = ["[3136, 100]", "generator's is [100, 512, 4, 4]", "[64, 3, 4, 4]"];
    assert!(parts.iter().all(|part| error.to_string().contains(part)), "{error}");
}

#[test]
fn a_weight_that_is_missing_is_named() {
    let bytes = state_dicts(&tiny([16, 16], 1), &[(G, "")]);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let all = file.tensors();
    let without = |left_out: &str| {
        let kept = all.iter().filter(|(name, _)| name != left_out).map(|(name, view)| (name, view));
        safetensors::serialize(kept, None).unwrap()
    };
    let mut state = tiny([16, 16], 1);
    let error = replace_weights(&mut state, &without("main.1.bias")).unwrap_err();
    assert_eq!(error.to_string(), "tensor `main.1.bias` is missing");
    let error = read_state(&without("main.1.bias")).unwrap_err();
    assert!(error.to_string().contains("`main.1.bias` is missing or not [4]"), "{error}");
    replace_weights(&mut state, &without("main.1.num_batches_tracked")).unwrap();
    // Training moves statistics from where they begin; a picture needs those of the weights.
    replace_weights(&mut state, &without("main.1.running_var")).unwrap();
    let error = read_state(&without("main.1.running_var")).unwrap_err();
    assert!(error.to_string().starts_with("tensor `main.1.running_var` is missing: "), "{error}");
}

#[test]
fn a_file_of_the_discriminator_is_told_by_its_metadata_alone() {
    let saved = SavedState::of_checkpoint(tiny([16, 20], 3));
    let export = Export::new(&saved, D, None).unwrap().state_dict().unwrap();
    let read = read_state(&export).unwrap();
    assert_eq!((read.networks.as_slice(), read.origin.step), ([D].as_slice(), Some(0)));
    assert_eq!(read.state.discriminator, saved.state.discriminator);
    let error = read_state(&state_dicts(&saved.state, &[(D, "d.")])).unwrap_err();
    assert!(error.to_string().contains("there is the discriminator alone"), "{error}");
}

#[test]
fn names_of_data_parallel_are_known() {
    let bytes = state_dicts(&tiny([16, 16], 1), &[(G, "module.")]);
    let mut state = tiny([16, 16], 1);
    for error in [
        check_weights(&bytes).unwrap_err(),
        replace_weights(&mut state, &bytes).unwrap_err(),
        read_state(&bytes).unwrap_err(),
    ] {
        assert!(error.to_string().ends_with("save netG.module.state_dict()"), "{error}");
    }
}

#[test]
fn other_files_are_told_before_the_networks_are_known() {
    let file = encode(&state(1)).unwrap();
    assert!(check_weights(&file).is_ok());
    assert!(check_weights(&file[..file.len() - 1]).is_err());
    let empty = safetensors::serialize(Vec::<(&str, TensorView<'_>)>::new(), None).unwrap();
    for error in [check_weights(&empty).unwrap_err(), read_state(&empty).unwrap_err()] {
        assert!(error.to_string().starts_with("has no tensor `main.0.weight`"), "{error}");
    }
    let error = read_state(&state_dicts(&tiny([16, 16], 3), &[(D, "")])).unwrap_err();
    assert!(error.to_string().starts_with("holds no generator of a preset"), "{error}");
    for pickle in [b"PK\x03\x04 and more".as_slice(), b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P"] {
        let error = check_weights(pickle).unwrap_err();
        assert!(error.to_string().contains("torch.load("), "{error}");
    }
}
