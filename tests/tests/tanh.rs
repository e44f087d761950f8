//! The hyperbolic tangent.

use cpu_reference::Values;
use ganvas_tests::{prove, run};
use graph::Op;
use verification::OpCase;

#[test]
fn every_group_agrees() {
    prove("tanh", ..);
}

#[test]
fn the_ends_are_reached() {
    let case = OpCase::new(Op::Tanh, &[&[6]]);
    let x = [100.0, -100.0, 3e38, -3e38, 45.0, -45.0];
    let Some(outcome) = run(&case, &[Values::from_f32(&x)]) else { return };
    let found: Vec<f32> = outcome.targets[0].iter().map(|&bits| f32::from_bits(bits)).collect();
    assert_eq!(found, [1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
}
