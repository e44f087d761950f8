use super::*;
use crate::workloads;
use graph::{Graph, TensorType, Window};

/// conv2d on so many images, with a choice of variants.
fn product(images: usize) -> Workload {
    let mut graph = Graph::new("only");
    let x = graph.input(TensorType::f32(&[images, 5, 6, 8])).unwrap();
    let w = graph.input(TensorType::f32(&[3, 3, 8, 12])).unwrap();
    let y = graph.conv2d(x, w, Window::square(3, 2, 1)).unwrap();
    graph.output(y);
    workloads(&[&graph], Traits::SUBGROUPS_OF_8).remove(0)
}

/// What a correct candidate computes.
fn outputs(case: &Case) -> Vec<f32> {
    let [a, b] = &case.operands;
    let form = case.workload.form();
    let elements = case.workload.result().elements();
    (0..elements).map(|index| form.output(index, a, b).value as f32).collect()
}

#[test]
fn any_one_output_that_is_off_is_found() {
    let check = Check::new(&product(9)).unwrap();
    let correct = outputs(&check.whole);
    assert_eq!(check.check_whole(&correct), Ok(()));
    for index in 0..correct.len() {
        let mut found = correct.clone();
        found[index] += 1.0;
        assert!(matches!(check.check_whole(&found), Err(Disagreement::Projection { .. })));
    }
    for wrong in [f32::NAN, f32::INFINITY, 0.5, 3e7] {
        let mut found = correct.clone();
        found[17] = wrong;
        let place = coordinates(check.whole.workload.result(), 17);
        let error = check.check_whole(&found).unwrap_err();
        assert!(matches!(error, Disagreement::NotWhole { place: of, .. } if of == place));
    }
}

#[test]
fn outputs_in_another_order_are_found() {
    let check = Check::new(&product(9)).unwrap();
    let mut found = outputs(&check.whole);
    let other = (1..found.len()).find(|&place| found[place] != found[0]).unwrap();
    found.swap(0, other);
    assert!(check.check_whole(&found).is_err());
}

#[test]
fn less_precision_is_found() {
    let (case, samples) = reals(product(3)).unwrap();
    let correct = outputs(&case);
    assert_eq!(check_samples(&case, &samples, &correct), Ok(()));
    // The upper 16 bits, as bfloat16 keeps them.
    let coarse: Vec<f32> =
        correct.iter().map(|value| f32::from_bits(value.to_bits() & 0xffff_0000)).collect();
    assert!(matches!(check_samples(&case, &samples, &coarse), Err(Disagreement::Output { .. })));
    assert!(check_samples(&case, &samples, &vec![f32::NAN; correct.len()]).is_err());
    assert!(check_samples(&case, &samples, &[]).is_err());
}

#[test]
fn samples_are_at_corners_edges_and_elsewhere() {
    let shape = Shape::new(&[3, 20, 40, 70]);
    let places = places(&shape);
    assert!(places.len() > 100 && places.iter().all(|&place| place < shape.elements()));
    assert!(places.contains(&0) && places.contains(&(shape.elements() - 1)));
    for edge in [3, 4, 15, 16, 31, 32, 63, 64] {
        let on_edge = |place: &usize| coordinates(&shape, *place)[3] == edge;
        assert!(places.iter().any(on_edge), "no output in column {edge}");
    }
}

/// However many images there are, their rest in any tile stays.
#[test]
fn tiles_are_cut_as_in_training() {
    for (images, checked) in [(1, 1), (64, 64), (100, 100), (128, 64), (1000, 104)] {
        let check = Check::new(&product(images)).unwrap();
        assert_eq!(check.whole.workload.images(), checked, "{images} images");
    }
}

/// A variant that is not offered for few images must not be checked as another one.
#[test]
fn real_operands_run_the_same_kernel() {
    let (product, traits) = (product(64), Traits::SUBGROUPS_OF_8);
    let mut check = Check::new(&product).unwrap();
    for &variant in &product.variants {
        let (case, _) = check.reals_for(&product, variant, traits).unwrap();
        let [few, all] =
            [&case.workload, &product].map(|of| of.shaders(variant, traits).unwrap()[0].source());
        assert!(few == all, "{variant} on {} images", case.workload.images());
    }
}
