//! y = x where x > 0, slope · x elsewhere.

use cpu_reference::Values;
use ganvas_tests::{prove, run};
use graph::{Op, Shape};
use verification::{Family, OpCase};

#[test]
fn every_group_agrees() {
    prove("leaky_relu", ..);
}

#[test]
fn slope_0_is_relu() {
    let x = Family::Wide.fill(&Shape::new(&[257]), 0, 1);
    let case = OpCase::new(Op::LeakyRelu { slope: 0.0 }, &[&[257]]);
    let Some(outcome) = run(&case, &[Values::from_f32(&x)]) else { return };
    let relu = x.iter().map(|x| x.max(0.0));
    assert!(outcome.targets[0].iter().zip(relu).all(|(&found, y)| f32::from_bits(found) == y));
}
