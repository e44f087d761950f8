//! Philox4x32-10 bits.

use crate::{
    Family, Gradient, Law, Level, OpCase, Proof, Reference,
    shapes::{DRAWS, MANY_ROWS, SMALL_DRAWS},
};
use graph::{Op, Shape};

pub(super) fn proof() -> Proof {
    let op = Op::PhiloxBits { stream: 7, first_block: 3 };
    let case = |dims: &[usize]| OpCase::source(op.clone(), &Shape::new(dims));
    let reference = Reference::Published("Random123's known answers (Salmon et al. 2011)");
    Proof::new("philox_bits", reference, Gradient::None("it has no operands"))
        .laws(&[Law::BatchesApart])
        .group("small", Level::Quick, SMALL_DRAWS.map(case), [Family::Integers])
        .group("wrapping", Level::Quick, [wrapping()], [Family::Integers])
        .group("shapes", Level::Full, DRAWS.map(case), [Family::Integers])
        .group("many-workgroups", Level::Full, [case(&[MANY_ROWS, 3])], [Family::Integers])
}

/// Counters wrap around, as integers of 32 bits do.
fn wrapping() -> OpCase {
    let op = Op::PhiloxBits { stream: u32::MAX, first_block: u32::MAX - 1 };
    let scalars = vec![u32::MAX, 5, u32::MAX, u32::MAX - 1];
    OpCase { scalars, ..OpCase::source(op, &Shape::new(&[3, 12])) }
}
