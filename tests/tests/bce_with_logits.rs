//! max(x, 0) - x · target + log(1 + exp(-|x|)).

use cpu_reference::Values;
use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    let targets = [0.0, 0.9, 1.0];
    targets.iter().flat_map(|&target| pointwise(&Op::BceWithLogits { target }, 1)).collect()
}

#[test]
fn every_family_agrees() {
    Suite::new("bce_with_logits").check_all(&cases(), Family::all());
}

#[test]
fn a_sweep_agrees() {
    let x: Vec<f32> = (-12_000..=12_000).map(|step| step as f32 / 100.0).collect();
    for target in [0.0, 1.0] {
        let case = OpCase::new(Op::BceWithLogits { target }, &[&[x.len()]]);
        let suite = &mut Suite::new("bce_with_logits, sweep");
        suite.check_on(&case, &[Values::from_f32(&x)], "a sweep");
    }
}
