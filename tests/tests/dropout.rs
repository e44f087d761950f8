//! x / (1 - rate) where a Philox draw keeps it, 0 elsewhere.

use cpu_reference::Values;
use ganvas_tests::{Family, Form, OpCase, Suite, gpu, run, shapes::MANY_ROWS};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    let shapes: [&[usize]; 6] =
        [&[1, 1], &[3, 5], &[64, 64], &[17, 3, 2, 5], &[3, 14, 14, 16], &[2, 7, 5, 3]];
    let mut cases = Vec::new();
    for rate in [0.0, 0.3, 0.9] {
        for dims in shapes {
            cases.push(OpCase::new(Op::Dropout { rate, stream: 16 }, &[dims]));
        }
    }
    cases
}

/// What the twin drops is exactly 0 and must be here; what it keeps is not.
#[test]
fn the_twin_drops_the_same() {
    let no_zeros = |_, x: f32| if x == 0.0 { 1.0 } else { x };
    Suite::new("dropout").on(no_zeros).check_all(&cases(), Family::all());
}

#[test]
fn the_share_of_zeros_is_the_rate() {
    let Some(gpu) = gpu() else { return };
    for rate in [0.0, 0.1, 0.3, 0.5] {
        let case = OpCase::new(Op::Dropout { rate, stream: 5 }, &[&[100, 1000]]);
        let ones = Values::from_f32(&[1.0; 100_000]);
        let outcome = run(gpu, &case, &[ones], Form::of(gpu));
        let zeros = outcome.targets[0].iter().filter(|&&bits| bits == 0).count();
        let expected = f64::from(rate) * 1e5;
        // Five standard errors of a binomial.
        let spread = 5.0 * (1e5 * f64::from(rate * (1.0 - rate))).sqrt();
        assert!((zeros as f64 - expected).abs() <= spread, "{zeros} zeros at rate {rate}");
    }
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    let case = OpCase::new(Op::Dropout { rate: 0.3, stream: 16 }, &[&[MANY_ROWS, 3]]);
    Suite::new("dropout, large").check(&case, Family::Integers);
}
