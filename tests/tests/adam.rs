//! One step of Adam.

use ganvas_tests::{
    Family, OpCase, Suite, scalar_ids,
    shapes::{MANY, pointwise},
};
use graph::Op;

fn op() -> Op {
    let [step_size, correction] = scalar_ids();
    Op::Adam { first_rate: 0.5, second_rate: 0.001, epsilon: 1e-8, step_size, correction }
}

/// The scalars of the first step, of the tenth and of a late one: learning_rate / (1 - β1ᵗ) and
/// 1 / √(1 - β2ᵗ), at 2e-4.
const SCALARS: [[f32; 2]; 3] = [[4e-4, 31.622_777], [2.002e-4, 10.022_6], [2e-4, 1.0]];

pub(crate) fn cases() -> Vec<OpCase> {
    let of = |scalars: &[f32; 2]| {
        pointwise(&op(), 4).into_iter().map(|case| case.with_scalars(scalars)).collect::<Vec<_>>()
    };
    SCALARS.iter().flat_map(of).collect()
}

/// The second moment is a mean of squares.
fn domain(place: usize, x: f32) -> f32 {
    if place == 3 { x.abs() } else { x }
}

#[test]
fn every_family_agrees() {
    Suite::new("adam").on(domain).check_all(&cases(), Family::all());
}

/// Moments are zero before the first step.
#[test]
fn the_first_step_agrees() {
    let fresh = |place: usize, x: f32| if place >= 2 { 0.0 } else { x };
    let families = Family::all().filter(|family| !matches!(family, Family::Impulse(_)));
    Suite::new("adam, first step").on(fresh).check_all(&cases()[..15], families);
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    let case = OpCase::new(op(), &[[MANY].as_slice(); 4]).with_scalars(&SCALARS[0]);
    Suite::new("adam, large").on(domain).check(&case, Family::Normal);
}
