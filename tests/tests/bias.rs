//! Adds b to every row of x.

use ganvas_tests::{Family, OpCase, Suite, shapes::MANY_ROWS};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    let shapes: [&[usize]; 9] = [
        &[1, 1],
        &[3, 5],
        &[5, 4],
        &[64, 1],
        &[7, 64],
        &[17, 3, 2, 5],
        &[3, 5, 7, 3],
        &[2, 4, 3, 64],
        &[65],
    ];
    let case = |dims: &&[usize]| OpCase::new(Op::Bias, &[dims, &dims[dims.len() - 1..]]);
    shapes.iter().map(case).collect()
}

#[test]
fn every_family_agrees() {
    Suite::new("bias").check_all(&cases(), Family::all());
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    let case = OpCase::new(Op::Bias, &[&[MANY_ROWS, 3], &[3]]);
    Suite::new("bias, large").check(&case, Family::Integers);
}
