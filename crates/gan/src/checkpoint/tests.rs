use super::*;
use crate::networks::{Preset, WIDTH_AT_MOST};

/// One that this version has, and one that it has not.
fn variants() -> ChosenVariants {
    let products = [("dense", "registers"), ("conv2d", "of a later version")];
    ChosenVariants {
        adapter: "adapter".to_owned(),
        driver: "driver 1".to_owned(),
        products: products.map(|(p, v)| (p.to_owned(), v.to_owned())).into(),
    }
}

/// A state whose every number is another.
fn state() -> TrainState {
    let mut options =
        TrainOptions { seed: u64::MAX - 3, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
    options.hyper_parameters.learning_rate = 0.1 + 0.2;
    let mut state = TrainState::new(options).unwrap();
    (state.step, state.images) = (12, 768);
    state.variants = Some(variants());
    let metrics = Metrics { steps: 3, loss_d: 4.1 / 3.0, loss_g: 0.1, d_real: 0.5, d_fake: 0.7 };
    state.unlogged = Some(metrics);
    let networks = state.networks().unwrap();
    for (number, (part, values)) in parts(&networks).iter().zip(state.lists_mut()).enumerate() {
        for slot in part.layout.slots() {
            for place in slot.range() {
                values[place] = (place as f32 + number as f32 / 16.0) * 1e-3;
            }
        }
    }
    state
}

fn header_end(bytes: &[u8]) -> usize {
    8 + u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize
}

#[test]
fn there_and_back() {
    let state = state();
    let bytes = encode(&state).unwrap();
    assert_eq!(decode(&bytes).unwrap(), state);
    assert_eq!(encode(&state).unwrap(), bytes);
    let uneven = TrainOptions {
        size: Some([20, 36]),
        width: Some(8),
        ..TrainOptions::new(Preset::Dcgan, 4)
    };
    for options in
        [TrainOptions::new(Preset::Dcgan28, 1), TrainOptions::new(Preset::Dcgan64, 3), uneven]
    {
        let state = TrainState::new(options).unwrap();
        assert_eq!(decode(&encode(&state).unwrap()).unwrap(), state);
    }
}

/// The checksum covers them, so they are written as they were before presets had sizes.
#[test]
fn options_of_earlier_versions_are_read_and_written_alike() {
    let earlier = concat!(
        r#"{"preset":"dcgan64","channels":3,"batch":64,"seed":0,"hyper_parameters":"#,
        r#"{"learning_rate":0.0002,"beta1":0.5,"beta2":0.999,"epsilon":1e-8,"#,
        r#""average_half_life":10000.0,"average_warm_up":0.05}}"#,
    );
    let options: TrainOptions = serde_json::from_str(earlier).unwrap();
    assert_eq!(options, TrainOptions::new(Preset::Dcgan64, 3));
    assert_eq!(serde_json::to_string(&options).unwrap(), earlier);
}

#[test]
fn sizes_that_no_network_has_are_refused() {
    let mut state = state();
    for (preset, size) in [(Preset::Dcgan28Small, [28, 28]), (Preset::Dcgan, [18, 20])] {
        (state.options.preset, state.options.size) = (preset, Some(size));
        assert!(matches!(encode(&state).unwrap_err(), CheckpointError::Networks(_)));
    }
}

/// Files from before variants were recorded are read, and written as they were.
#[test]
fn variants_are_kept_and_not_needed() {
    let with = state();
    let without = TrainState { variants: None, unlogged: None, ..with.clone() };
    let [with, bytes] = [with, without].map(|state| encode(&state).unwrap());
    assert_eq!(decode(&with).unwrap().variants, Some(variants()));
    assert_eq!(decode(&bytes).unwrap().variants, None);
    let header = String::from_utf8_lossy(&bytes[8..header_end(&bytes)]).into_owned();
    assert!(!header.contains("variants") && !header.contains("unlogged"), "{header}");
}

/// Additions to them must not overflow.
#[test]
fn more_steps_than_any_run_has_are_refused() {
    let most = TrainState { step: COUNT_AT_MOST, images: COUNT_AT_MOST, ..state() };
    assert_eq!(decode(&encode(&most).unwrap()).unwrap(), most);
    for (step, images) in [(u64::MAX, 0), (0, COUNT_AT_MOST + 1)] {
        let bytes = encode(&TrainState { step, images, ..state() }).unwrap();
        assert!(matches!(decode(&bytes).unwrap_err(), CheckpointError::Count { .. }));
    }
}

/// The largest networks there are, and tensors without a number: nothing is allocated for them.
#[test]
fn tensors_without_numbers_are_refused_before_memory_is_taken() {
    let options = TrainOptions {
        size: Some([256, 256]),
        width: Some(WIDTH_AT_MOST),
        ..TrainOptions::new(Preset::Dcgan, 3)
    };
    let networks = options.networks().unwrap();
    let parts = parts(&networks);
    let names = parts.iter().flat_map(|part| part.layout.slots().iter().map(|s| part.name(s)));
    let empty = || TensorView::new(Dtype::F32, vec![0], &[]).unwrap();
    let metadata = StateMetadata { step: 0, images: 0, options, variants: None, unlogged: None };
    let crc32 = checksum_of(&metadata).unwrap().finalize();
    let metadata = Metadata { format: FORMAT_VERSION, state: metadata, crc32 };
    let metadata = [(METADATA_KEY.to_owned(), serde_json::to_string(&metadata).unwrap())];
    let bytes =
        safetensors::serialize(names.map(|name| (name, empty())), Some(metadata.into())).unwrap();
    let started = std::time::Instant::now();
    assert!(matches!(decode(&bytes).unwrap_err(), CheckpointError::Shape { .. }));
    assert!(started.elapsed().as_millis() < 100, "it took {:?}", started.elapsed());
}

#[test]
fn names_are_pytorchs() {
    let bytes = encode(&state()).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let shape = |name: &str| tensors.tensor(name).unwrap().shape().to_vec();
    assert_eq!(shape("g.param.main.0.weight"), [3136, 100]);
    assert_eq!(shape("g.param.main.1.running_var"), [3136]);
    assert_eq!(shape("g.ema.main.4.weight"), [64, 32, 5, 5]);
    assert_eq!(shape("g.ema.main.1.running_mean"), [3136]);
    assert_eq!(shape("d.v.main.7.weight"), [1, 1568]);
    assert!(tensors.tensor("d.ema.main.0.weight").is_err());
}

#[test]
fn every_cut_is_an_error() {
    let bytes = encode(&state()).unwrap();
    let data = header_end(&bytes);
    let cuts = (0..data + 64).chain((data..bytes.len()).step_by(9_973)).chain([bytes.len() - 1]);
    for cut in cuts {
        assert!(decode(&bytes[..cut]).is_err(), "cut to {cut} bytes");
    }
    assert!(decode(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn a_damaged_byte_is_an_error() {
    let state = state();
    let mut bytes = encode(&state).unwrap();
    let data = header_end(&bytes);
    let places = (0..data).chain((data..bytes.len()).step_by(200_003));
    for place in places.collect::<Vec<_>>() {
        bytes[place] ^= 1;
        // The 17th digit of a number can change without changing the number.
        let harmless = |found| found == state;
        assert!(decode(&bytes).map_or(true, harmless), "byte {place} changed");
        bytes[place] ^= 1;
    }
}

#[test]
fn says_what_is_wrong() {
    let error = |bytes: &[u8]| decode(bytes).unwrap_err();
    assert!(matches!(error(&[]), CheckpointError::Format(_)));
    assert!(matches!(error(&[0xff; 64]), CheckpointError::HeaderTooLong(_)));
    let other = safetensors::serialize(Vec::<(&str, TensorView<'_>)>::new(), None).unwrap();
    assert!(matches!(error(&other), CheckpointError::NoMetadata));

    let bytes = encode(&state()).unwrap();
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert!(matches!(error(&damaged), CheckpointError::Checksum { .. }));

    let replace = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let end = header_end(&bytes);
        let header = String::from_utf8(bytes[8..end].to_vec()).unwrap();
        assert!(header.contains(from), "{from}");
        let header = header.replace(from, to);
        [&bytes[..8], header.as_bytes(), &bytes[end..]].concat()
    };
    let later = replace("\\\"format\\\":1", "\\\"format\\\":2");
    assert!(matches!(error(&later), CheckpointError::Version { found: 2 }));
    let renamed = replace("g.m.main.0.weight", "g.m.main.0.weighs");
    let found = error(&renamed).to_string();
    assert_eq!(found, "tensor `g.m.main.0.weight` is missing");
    let reshaped = replace("[3136,100]", "[100,3136]");
    let found = error(&reshaped).to_string();
    assert!(found.contains("F32 [100, 3136], where the preset needs F32 [3136, 100]"), "{found}");
}

#[test]
fn a_tensor_too_many_is_named() {
    let bytes = encode(&state()).unwrap();
    let Contents { tensors, metadata, .. } = read(&bytes).unwrap();
    let mut views: Vec<(String, TensorView<'_>)> = tensors.tensors();
    // Without elements, so that the checksum still holds.
    views.push(("z".to_owned(), TensorView::new(Dtype::F32, vec![0], &[]).unwrap()));
    let bytes = safetensors::serialize(views, Some(metadata)).unwrap();
    let error = decode(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "tensor `z` is not one of the preset's");
}
