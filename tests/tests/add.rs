//! z = x + y.

use ganvas_tests::{
    Family, OpCase, Suite,
    shapes::{MANY, pointwise},
};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    pointwise(&Op::Add, 2)
}

#[test]
fn every_family_agrees() {
    Suite::new("add").check_all(&cases(), Family::all());
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    Suite::new("add, large")
        .check(&OpCase::new(Op::Add, &[[MANY].as_slice(); 2]), Family::Integers);
}
