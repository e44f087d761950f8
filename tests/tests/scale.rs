//! y = factor · x + offset.

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    let attributes = [(0.3, 0.0), (-2.0, 1.0), (1e-3, -0.7), (0.0, 4.0)];
    let of = |&(factor, offset): &(f32, f32)| pointwise(&Op::Scale { factor, offset }, 1);
    attributes.iter().flat_map(of).collect()
}

#[test]
fn every_family_agrees() {
    Suite::new("scale").check_all(&cases(), Family::all());
}
