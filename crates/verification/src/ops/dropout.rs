//! x / (1 - rate) where a Philox draw keeps it, 0 elsewhere.

use super::FEW;
use crate::{
    Family, Gradient, Law, Level, OpCase, Operands, Proof, Reference,
    shapes::{DRAWS, MANY_ROWS, SMALL_DRAWS},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let case = |rate, dims: &[usize]| OpCase::new(Op::Dropout { rate, stream: 16 }, &[dims]);
    let of = |rate, shapes: &[&[usize]]| -> Vec<OpCase> {
        shapes.iter().map(|dims| case(rate, dims)).collect()
    };
    let few = [0.3, 0.9].into_iter().flat_map(|rate| of(rate, &SMALL_DRAWS));
    let shapes = [0.0, 0.3, 0.9].into_iter().flat_map(|rate| of(rate, &DRAWS));
    let reference = Reference::Definition("a product with a mask of philox_bits, and 1/(1 - rate)");
    Proof::new("dropout", reference, Gradient::Twice)
        .laws(&[Law::Linear, Law::BatchesApart])
        .group("small", Level::Quick, few, FEW)
        .group("shapes", Level::Full, shapes, Family::all())
        .group("many-workgroups", Level::Full, [case(0.3, &[MANY_ROWS, 3])], [Family::Normal])
        .on(Operands::Mapped(not_zero))
}

/// What the twin drops is exactly 0 and must be here; what it keeps is not.
fn not_zero(_: usize, x: f32) -> f32 {
    if x == 0.0 { 1.0 } else { x }
}
