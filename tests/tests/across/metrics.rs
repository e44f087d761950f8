//! Scores of images against those of NumPy, SciPy and scikit-learn; classifiers, the bundled one and
//! one that is trained here; and whether scores tell near from far.

use gan::{
    data::{Dataset, Labels, Permutation, labels},
    executor::Device,
    streams,
};
use ganvas_tests::{count_cases, gpu};
use metrics::{
    Extractor, FeatureNetwork, Features, LabelHistogram, MetricKind, MetricsError, Moments, Origin,
    Products, Reference, Report, Selection, across, frechet_distance, kernel_distance,
    training::{Labelled, Schedule, train},
    within,
};
use pollster::block_on;
use safetensors::SafeTensors;
use std::collections::BTreeMap;

/// The SHA-256 of the bundled classifier.
const DIGITS_CLASSIFIER: &str = "4a05adf9068a7ab180d15c66fe448c1d84971506dc03bc6f63c5dfa65ac1b0b2";
const GOLDEN: &[u8] = include_bytes!("../../golden/metrics.safetensors");

/// Features and labels of both sets, and the scores.
struct Golden {
    reals: Features,
    fakes: Features,
    real_labels: Vec<u16>,
    fake_labels: Vec<u16>,
    scores: BTreeMap<String, f64>,
}

fn golden() -> Golden {
    let (_, metadata) = SafeTensors::read_metadata(GOLDEN).unwrap();
    let scores = &metadata.metadata().as_ref().unwrap()["scores"];
    let tensors = SafeTensors::deserialize(GOLDEN).unwrap();
    let features = |name: &str| {
        let view = tensors.tensor(name).unwrap();
        let (values, _) = view.data().as_chunks::<4>();
        let values = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        Features::new(values, view.shape()[1])
    };
    let labels = |name: &str| {
        let view = tensors.tensor(name).unwrap();
        let (values, _) = view.data().as_chunks::<4>();
        values.iter().map(|bytes| i32::from_le_bytes(*bytes) as u16).collect()
    };
    Golden {
        reals: features("reals"),
        fakes: features("fakes"),
        real_labels: labels("real_labels"),
        fake_labels: labels("fake_labels"),
        scores: serde_json::from_str(scores).unwrap(),
    }
}

#[test]
fn moments_and_labels_agree_with_scipy() {
    let Golden { reals, fakes, real_labels, fake_labels, scores } = golden();
    let distance = frechet_distance(&Moments::of(&reals).unwrap(), &Moments::of(&fakes).unwrap());
    let expected = scores["fd"];
    assert!((distance - expected).abs() < 1e-9 * expected, "{distance}, expected {expected}");
    let [reals, fakes] = [real_labels, fake_labels].map(|labels| LabelHistogram::of(&labels, 7));
    assert_eq!(fakes.modes() as f64, scores["modes"]);
    let (divergence, expected) = (fakes.divergence_from(&reals), scores["label_kl"]);
    assert!((divergence - expected).abs() < 1e-12, "{divergence}, expected {expected}");
}

/// In one block, and in blocks that the sets fill but for the last.
#[test]
fn pairs_agree_with_scikit_learn() {
    let Some(gpu) = gpu() else { return };
    let Golden { reals, fakes, scores, .. } = golden();
    for (name, device) in [("cpu", Device::Cpu), ("gpu", Device::Gpu(gpu.clone()))] {
        for rows in [512, 64] {
            let found = block_on(async {
                let mut products = Products::in_blocks(&device, reals.dimensions(), rows).await?;
                let a = within(&mut products, &reals).await?;
                let b = within(&mut products, &fakes).await?;
                let both = across(&mut products, (&reals, &a), (&fakes, &b)).await?;
                Ok::<_, MetricsError>((kernel_distance(&a, &b, &both), both))
            });
            let (distance, across) = found.unwrap();
            let expected = scores["kid"];
            let off = (distance - expected).abs() / expected;
            assert!(off < 1e-6, "{name}, {rows} rows: {distance}, expected {expected}");
            let found = across.neighbourhoods;
            for (score, value) in [
                ("precision", found.precision),
                ("recall", found.recall),
                ("density", found.density),
                ("coverage", found.coverage),
            ] {
                let expected = scores[score];
                assert!((value - expected).abs() < 1e-12, "{name}, {rows}, {score}: {value}");
            }
        }
    }
    count_cases(gpu, 2);
}

/// The file's own count, but for images that rounding puts on the other side.
#[test]
fn the_bundled_classifier_is_as_good_as_it_says() {
    let Some(gpu) = gpu() else { return };
    let network = FeatureNetwork::digits().unwrap();
    assert_eq!(network.hash(), DIGITS_CLASSIFIER);
    let Origin::Trained(trained) = network.origin() else { panic!("it was not trained") };
    assert!(trained.accuracy() > 0.985, "{}", trained.accuracy());
    let digits = Dataset::digits().unwrap();
    assert_eq!((trained.test_checksum, trained.tests), (digits.checksum(), digits.count));
    assert!(network.knows(digits.checksum()));

    let of_images = labels("digits").unwrap().unwrap().of_images;
    let mut extractor = block_on(Extractor::new(&Device::Gpu(gpu.clone()), &network)).unwrap();
    let mut found = extractor.none();
    for first in (0..digits.count).step_by(500) {
        found.append(block_on(extractor.features(&pixels(&digits, first..first + 500))).unwrap());
    }
    let right = found.labels().iter().zip(&of_images).filter(|(a, b)| a == b).count();
    assert!(right.abs_diff(trained.correct) <= 2, "{right}, said {}", trained.correct);

    let squares: f64 = found.values().iter().map(|&value| f64::from(value).powi(2)).sum();
    let size = (squares / found.values().len() as f64).sqrt();
    assert!((size - 1.0).abs() < 1e-3, "the features' root mean square is {size}");

    let mut on_cpu = block_on(Extractor::new(&Device::Cpu, &network)).unwrap();
    let expected = block_on(on_cpu.features(&pixels(&digits, 0..30))).unwrap();
    let largest = expected.values().iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    for (found, expected) in found.values().iter().zip(expected.values()) {
        assert!((found - expected).abs() <= 1e-5 * largest, "{found}, expected {expected}");
    }
    count_cases(gpu, 1);
}

/// Upright and level bars, at any place.
#[test]
fn a_classifier_learns_from_labels() {
    let Some(gpu) = gpu() else { return };
    let (images, of_images): (Vec<_>, Vec<_>) =
        (0..400).map(|index| (bar(index), index as u16 % 2)).unzip();
    let data = Dataset::in_memory("bars", images.concat(), [12, 12, 1]);
    let bars = Labels { classes: vec!["level".to_owned(), "upright".to_owned()], of_images };
    let schedule = Schedule { epochs: 4, ..Schedule::default() };
    let trained = |device: &Device| {
        let images = Labelled::new(&data, &bars).unwrap();
        block_on(train(device, images, None, schedule, &mut |_| {})).unwrap()
    };
    let [here, there] = [Device::Cpu, Device::Gpu(gpu.clone())].map(|device| trained(&device));
    for network in [&here, &there] {
        let Origin::Trained(trained) = network.origin() else { panic!("it was not trained") };
        assert_eq!((trained.images, trained.tests, trained.correct), (360, 40, 40));
    }
    let apart = here.parameters().iter().zip(there.parameters());
    let apart = apart.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart < 1e-3, "{apart} apart after twelve steps");
    let read = FeatureNetwork::decode(&there.encode().unwrap().unwrap()).unwrap();
    assert_eq!(read, there);
    count_cases(gpu, 1);
}

fn bar(index: usize) -> Vec<u8> {
    let place = 1 + index / 2 % 10;
    let lit = |pixel: usize| match index % 2 {
        0 => pixel / 12 == place,
        _ => pixel % 12 == place,
    };
    (0..144).map(|pixel| if lit(pixel) { 255 } else { (index % 7) as u8 }).collect()
}

#[test]
fn scores_tell_near_from_far_and_few_from_many() {
    let Some(gpu) = gpu() else { return };
    let device = Device::Gpu(gpu.clone());
    let digits = Dataset::digits().unwrap();
    let some = Dataset::in_memory("some", pixels(&digits, 0..1500), [28, 28, 1]);
    let selection = Selection { kinds: MetricKind::ALL.to_vec(), images: 600 };
    let network = FeatureNetwork::digits().unwrap();
    let mut reference =
        block_on(Reference::new(&device, &network, &some, selection, &mut |_, _| {})).unwrap();
    let mut measure = |pixels: &[u8]| -> Report {
        let features = block_on(reference.extractor().features(pixels)).unwrap();
        block_on(reference.measure(features)).unwrap()
    };
    let of = |report: &Report, name: &str| report.score(name).unwrap().value;

    let others = measure(&pixels(&digits, 2000..2600));
    let floor = |name: &str| others.score(name).unwrap().floor;
    assert_eq!((others.images, others.reals, others.floor_images), (600, 600, [600, 600]));
    assert_eq!(others.histogram.as_ref().unwrap().iter().sum::<usize>(), 600);
    assert_eq!((of(&others, "modes"), floor("modes")), (10.0, 10.0));

    let order = Permutation::new(1500, 0, 0, streams::MEASURED_REALS);
    let mut same = Vec::new();
    for place in 0..600 {
        digits.append_image(order.at(place) as usize, &mut same).unwrap();
    }
    let same = measure(&same);
    assert!(of(&same, "fd").abs() < 1e-6 && of(&same, "label_kl") == 0.0, "{same:?}");

    let noisy: Vec<u8> = pixels(&digits, 2000..2600)
        .iter()
        .enumerate()
        .map(|(i, p)| p ^ (i * 37 % 97) as u8)
        .collect();
    let noisy = measure(&noisy);
    let one: Vec<u8> = pixels(&digits, 2000..2010).repeat(60);
    let one = measure(&one);
    for far in [&noisy, &one] {
        assert!(of(far, "fd") > 3.0 * of(&others, "fd"), "{far:?}, others {others:?}");
        assert!(of(far, "kid") > 3.0 * of(&others, "kid").abs(), "{far:?}, others {others:?}");
        assert!(of(far, "coverage") < 0.6 * of(&others, "coverage"), "{far:?}");
    }
    assert!(of(&one, "recall") < 0.1 && of(&one, "precision") > 0.5, "{one:?}");
    assert!(of(&one, "label_kl") > 5.0 * of(&others, "label_kl"), "{one:?}");
    for name in ["fd", "precision", "recall", "coverage"] {
        let (value, floor) = (of(&others, name), floor(name));
        assert!((0.5..2.0).contains(&(value / floor)), "{name}: {value}, floor {floor}");
    }
    count_cases(gpu, 1);
}

#[test]
fn too_few_images_are_refused() {
    let network = FeatureNetwork::digits().unwrap();
    let digits = Dataset::digits().unwrap();
    let few = Dataset::in_memory("few", pixels(&digits, 0..11), [28, 28, 1]);
    let selection = Selection { kinds: MetricKind::ALL.to_vec(), images: 100 };
    let refused = block_on(Reference::new(&Device::Cpu, &network, &few, selection, &mut |_, _| {}));
    let refused = refused.err().unwrap();
    assert!(matches!(refused, MetricsError::TooFew { found: 11, needed: 12 }), "{refused}");
}

#[test]
fn tests_of_other_classes_are_refused() {
    let data = Dataset::in_memory("blank", vec![0; 200 * 64], [8, 8, 1]);
    let labels = |classes: usize| Labels {
        classes: (0..classes).map(|class| class.to_string()).collect(),
        of_images: vec![0; 200],
    };
    let labels = [2, 3].map(labels);
    let [learnt, tests] = labels.each_ref().map(|labels| Labelled::new(&data, labels).unwrap());
    let schedule = Schedule::default();
    let refused = block_on(train(&Device::Cpu, learnt, Some(tests), schedule, &mut |_| {}));
    let refused = refused.unwrap_err();
    assert!(matches!(refused, MetricsError::Classes { tests: 3, learnt: 2 }), "{refused}");
}

fn pixels(data: &Dataset, images: std::ops::Range<usize>) -> Vec<u8> {
    let mut pixels = Vec::new();
    images.for_each(|image| data.append_image(image, &mut pixels).unwrap());
    pixels
}
