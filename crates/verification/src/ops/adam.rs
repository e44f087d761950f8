//! One step of Adam.

use super::FEW;
use crate::{
    Family, Gradient, Level, OpCase, Operands, Proof, Reference, scalar_ids,
    shapes::{many, odd_and_quads, pointwise},
};
use graph::Op;

/// The scalars of the first step, of the tenth and of a late one: learning_rate / (1 - β1ᵗ) and
/// 1 / √(1 - β2ᵗ), at 2e-4.
const SCALARS: [[f32; 2]; 3] = [[4e-4, 31.622_777], [2.002e-4, 10.022_6], [2e-4, 1.0]];

pub(super) fn proof() -> Proof {
    let [step_size, correction] = scalar_ids();
    let op = Op::Adam { first_rate: 0.5, second_rate: 0.001, epsilon: 1e-8, step_size, correction };
    let at_each_step = |cases: Vec<OpCase>| {
        SCALARS.into_iter().flat_map(move |scalars| {
            cases.clone().into_iter().map(move |case| case.with_scalars(&scalars))
        })
    };
    let first = |cases: Vec<OpCase>| {
        cases.into_iter().map(|case| case.with_scalars(&SCALARS[0])).collect::<Vec<_>>()
    };
    let gradient = Gradient::None("differentiation stops at storage, which it changes");
    let families = Family::all().filter(|family| !matches!(family, Family::Impulse(_)));
    Proof::new("adam", Reference::PyTorch, gradient)
        .group("small", Level::Quick, at_each_step(odd_and_quads(&op, 4)), FEW)
        .group("shapes", Level::Full, at_each_step(pointwise(&op, 4)), Family::all())
        .group("many-workgroups", Level::Full, first(vec![many(&op, 4)]), [Family::Normal])
        .on(Operands::Mapped(with_second_moments))
        .group("first-step", Level::Full, first(pointwise(&op, 4)), families)
        .on(Operands::Mapped(with_fresh_moments))
}

/// Moments are zero before the first step.
fn with_fresh_moments(place: usize, x: f32) -> f32 {
    if place >= 2 { 0.0 } else { x }
}

/// The second moment is a mean of squares.
fn with_second_moments(place: usize, x: f32) -> f32 {
    if place == 3 { x.abs() } else { x }
}
