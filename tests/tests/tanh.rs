//! The hyperbolic tangent.

use cpu_reference::Values;
use ganvas_tests::{Family, Form, OpCase, Suite, gpu, run, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    pointwise(&Op::Tanh, 1)
}

#[test]
fn every_family_agrees() {
    Suite::new("tanh").check_all(&cases(), Family::all());
}

#[test]
fn a_sweep_agrees() {
    let steps: Vec<f32> = (-24_000..=24_000).map(|step| step as f32 / 2000.0).collect();
    let powers = (-100..4).flat_map(|power| [2f32.powi(power), -1.9 * 2f32.powi(power)]);
    let x: Vec<f32> = steps.into_iter().chain(powers).collect();
    let case = OpCase::new(Op::Tanh, &[&[x.len()]]);
    Suite::new("tanh, sweep").check_on(&case, &[Values::from_f32(&x)], "a sweep");
}

#[test]
fn the_ends_are_reached() {
    let Some(gpu) = gpu() else { return };
    let case = OpCase::new(Op::Tanh, &[&[6]]);
    let x = [100.0, -100.0, 3e38, -3e38, 45.0, -45.0];
    let outcome = run(gpu, &case, &[Values::from_f32(&x)], Form::of(gpu));
    let found: Vec<f32> = outcome.targets[0].iter().map(|&bits| f32::from_bits(bits)).collect();
    assert_eq!(found, [1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
}
