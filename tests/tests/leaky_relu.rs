//! y = x where x > 0, slope · x elsewhere.

use cpu_reference::Values;
use ganvas_tests::{Family, Form, OpCase, Suite, gpu, run, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    [0.0, 0.2, 0.3, 1.0].iter().flat_map(|&slope| pointwise(&Op::LeakyRelu { slope }, 1)).collect()
}

#[test]
fn every_family_agrees() {
    Suite::new("leaky_relu").check_all(&cases(), Family::all());
}

#[test]
fn slope_0_is_relu() {
    let Some(gpu) = gpu() else { return };
    let x = Family::Wide.fill(&graph::Shape::new(&[257]), 0, 1);
    let case = OpCase::new(Op::LeakyRelu { slope: 0.0 }, &[&[257]]);
    let outcome = run(gpu, &case, &[Values::from_f32(&x)], Form::of(gpu));
    let relu = x.iter().map(|x| x.max(0.0));
    assert!(outcome.targets[0].iter().zip(relu).all(|(&found, y)| f32::from_bits(found) == y));
}
