//! average += rate · (value - average).

use ganvas_tests::{Family, OpCase, Suite, scalar_ids, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    let of = |rate: f32| {
        let cases = pointwise(&Op::Ema { rate: scalar_ids()[0] }, 2);
        cases.into_iter().map(move |case| case.with_scalars(&[rate]))
    };
    [0.0, 0.004, 0.2, 1.0].into_iter().flat_map(of).collect()
}

#[test]
fn every_family_agrees() {
    Suite::new("ema").check_all(&cases(), Family::all());
}
