//! x / (1 - rate) where a Philox draw keeps it, 0 elsewhere.

use cpu_reference::Values;
use ganvas_tests::{prove, run};
use graph::Op;
use verification::OpCase;

#[test]
fn every_group_agrees() {
    prove("dropout", ..);
}

#[test]
fn the_share_of_zeros_is_the_rate() {
    for rate in [0.0, 0.1, 0.3, 0.5] {
        let case = OpCase::new(Op::Dropout { rate, stream: 5 }, &[&[100, 1000]]);
        let ones = Values::from_f32(&[1.0; 100_000]);
        let Some(outcome) = run(&case, &[ones]) else { return };
        let zeros = outcome.targets[0].iter().filter(|&&bits| bits == 0).count();
        let expected = f64::from(rate) * 1e5;
        // Five standard errors of a binomial.
        let spread = 5.0 * (1e5 * f64::from(rate * (1.0 - rate))).sqrt();
        assert!((zeros as f64 - expected).abs() <= spread, "{zeros} zeros at rate {rate}");
    }
}
