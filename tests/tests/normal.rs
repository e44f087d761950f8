//! Standard normal draws.

use ganvas_tests::{prove, run};
use graph::{Op, Shape};
use verification::OpCase;

#[test]
fn every_group_agrees() {
    prove("normal", ..);
}

#[test]
fn draws_have_mean_0_and_variance_1() {
    let case = OpCase::source(Op::Normal { stream: 9 }, &Shape::new(&[1000, 1000]));
    let Some(outcome) = run(&case, &[]) else { return };
    let values = || outcome.targets[0].iter().map(|&bits| f64::from(f32::from_bits(bits)));
    let mean = values().sum::<f64>() / 1e6;
    let variance = values().map(|value| value * value).sum::<f64>() / 1e6;
    let kurtosis = values().map(|value| value.powi(4)).sum::<f64>() / 1e6;
    // Five standard errors: 1e-3, √2·1e-3, √96·1e-3.
    assert!(mean.abs() <= 0.005 && (variance - 1.0).abs() <= 0.007, "{mean} {variance}");
    assert!((kurtosis - 3.0).abs() <= 0.049, "{kurtosis}");
}
