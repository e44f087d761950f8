use super::*;
use crate::{Disagreement, workloads};
use graph::{Graph, TensorType};

const TRAITS: Traits = Traits::SUBGROUPS_OF_8;

fn adapter(driver: &str) -> Adapter {
    Adapter { name: "an adapter".to_owned(), driver: driver.to_owned() }
}

/// A product of 64 columns on so many images.
fn product(images: usize) -> Workload {
    let mut graph = Graph::new("only");
    let x = graph.input(TensorType::f32(&[images, 128])).unwrap();
    let w = graph.input(TensorType::f32(&[128, 64])).unwrap();
    let y = graph.dense(x, w).unwrap();
    graph.output(y);
    let product = workloads(&[&graph], TRAITS).remove(0);
    assert!(product.variants.len() > 1);
    product
}

fn measured(product: &Workload) -> Measured {
    let wrong = Disagreement::NotWhole { place: vec![3, 5], found: 0.5 };
    let [first, second] = [product.variants[0], product.variants[1]];
    Measured {
        product: product.name.clone(),
        chosen: second,
        by_rule: first,
        findings: vec![(first, Finding::Disagrees(wrong)), (second, Finding::Timed(1.234_567e-3))],
    }
}

fn cache(product: &Workload) -> Cache {
    let mut cache = Cache::new(adapter("1"));
    cache.insert(product, &measured(product), TRAITS);
    cache
}

#[test]
fn there_and_back() {
    let product = product(64);
    let bytes = cache(&product).to_json().unwrap();
    let found = Cache::parse(&bytes, &adapter("1")).unwrap();
    assert_eq!(found, cache(&product));
    assert_eq!(found.get(&product, TRAITS), Some(product.variants[1]));
    assert!(!found.is_stale(&product, TRAITS));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("1.2346") && text.contains("at [3, 5] it is 0.5"), "{text}");
}

#[test]
fn other_shapes_are_other_products() {
    let cache = cache(&product(64));
    let other = product(32);
    assert_eq!((cache.get(&other, TRAITS), cache.is_stale(&other, TRAITS)), (None, false));
}

#[test]
fn other_kernels_are_stale() {
    let product = product(64);
    let mut fewer = product.clone();
    fewer.variants.truncate(1);
    assert_ne!(product.fingerprint(TRAITS), fewer.fingerprint(TRAITS));
    let mut cache = cache(&product);
    for entry in cache.products.values_mut() {
        entry.kernels = "00000000".to_owned();
    }
    assert_eq!((cache.get(&product, TRAITS), cache.is_stale(&product, TRAITS)), (None, true));
}

#[test]
fn a_variant_that_there_is_no_more_is_stale() {
    let product = product(64);
    let mut cache = cache(&product);
    for entry in cache.products.values_mut() {
        entry.variant = "tensor-cores".to_owned();
    }
    assert_eq!((cache.get(&product, TRAITS), cache.is_stale(&product, TRAITS)), (None, true));
}

#[test]
fn other_adapters_formats_and_no_json_are_refused() {
    let bytes = cache(&product(64)).to_json().unwrap();
    let driver = Cache::parse(&bytes, &adapter("2")).unwrap_err().to_string();
    assert_eq!(driver, "it was measured on an adapter with 1; this is an adapter with 2");
    let text = String::from_utf8(bytes.clone()).unwrap();
    let later = text.replace("\"format\": 1", "\"format\": 2");
    assert!(matches!(
        Cache::parse(later.as_bytes(), &adapter("1")),
        Err(Unusable::Format { found: 2 })
    ));
    for cut in 0..bytes.len() - 2 {
        let found = Cache::parse(&bytes[..cut], &adapter("1"));
        assert!(matches!(found, Err(Unusable::Corrupt(_))), "cut to {cut} bytes");
    }
}
