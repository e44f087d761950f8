//! average += rate · (value - average).

use ganvas_tests::{
    Family, OpCase, Suite, scalar_ids,
    shapes::{MANY, pointwise},
};
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

#[test]
fn more_workgroups_than_one_dimension_holds() {
    let op = Op::Ema { rate: scalar_ids()[0] };
    let case = OpCase::new(op, &[[MANY].as_slice(); 2]).with_scalars(&[0.2]);
    Suite::new("ema, large").check(&case, Family::Integers);
}
