//! y = √x.

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    pointwise(&Op::SquareRoot, 1)
}

#[test]
fn every_family_agrees() {
    Suite::new("square_root").on(|_, x| x.abs()).check_all(&cases(), Family::all());
}
