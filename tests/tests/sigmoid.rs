//! y = 1 / (1 + exp(-x)).

use cpu_reference::Values;
use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    pointwise(&Op::Sigmoid, 1)
}

#[test]
fn every_family_agrees() {
    Suite::new("sigmoid").check_all(&cases(), Family::all());
}

#[test]
fn a_sweep_agrees() {
    let x: Vec<f32> = (-12_000..=12_000).map(|step| step as f32 / 100.0).collect();
    let case = OpCase::new(Op::Sigmoid, &[&[x.len()]]);
    Suite::new("sigmoid, sweep").check_on(&case, &[Values::from_f32(&x)], "a sweep");
}
