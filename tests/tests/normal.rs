//! Standard normal draws.

use ganvas_tests::{Family, Form, OpCase, Suite, gpu, run, shapes::MANY_ROWS};
use graph::{Op, Shape};

pub(crate) fn cases() -> Vec<OpCase> {
    let shapes: [&[usize]; 7] =
        [&[1, 1], &[1, 4], &[3, 5], &[64, 100], &[3, 2, 3], &[2, 7, 5, 3], &[100, 1000]];
    let case = |dims: &&[usize]| OpCase::source(Op::Normal { stream: 2 }, &Shape::new(dims));
    shapes.iter().map(case).collect()
}

#[test]
fn the_twin_draws_the_same_numbers() {
    Suite::new("normal").check_all(&cases(), [Family::Integers]);
}

#[test]
fn draws_have_mean_0_and_variance_1() {
    let Some(gpu) = gpu() else { return };
    let case = OpCase::source(Op::Normal { stream: 9 }, &Shape::new(&[1000, 1000]));
    let outcome = run(gpu, &case, &[], Form::of(gpu));
    let values = || outcome.targets[0].iter().map(|&bits| f64::from(f32::from_bits(bits)));
    let mean = values().sum::<f64>() / 1e6;
    let variance = values().map(|value| value * value).sum::<f64>() / 1e6;
    let kurtosis = values().map(|value| value.powi(4)).sum::<f64>() / 1e6;
    // Five standard errors: 1e-3, √2·1e-3, √96·1e-3.
    assert!(mean.abs() <= 0.005 && (variance - 1.0).abs() <= 0.007, "{mean} {variance}");
    assert!((kurtosis - 3.0).abs() <= 0.049, "{kurtosis}");
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    let case = OpCase::source(Op::Normal { stream: 2 }, &Shape::new(&[MANY_ROWS, 3]));
    Suite::new("normal, large").check(&case, Family::Integers);
}
