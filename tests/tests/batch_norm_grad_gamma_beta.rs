//! Σ grad·x̂ and Σ grad over each channel.

use crate::batch_norm::{EPSILON, Operands, SHAPES};
use ganvas_tests::{Family, OpCase, Suite};
use graph::Op;

fn case(dims: &[usize]) -> OpCase {
    let channels = &dims[dims.len() - 1..];
    let op = Op::BatchNormGradGammaBeta { epsilon: EPSILON };
    OpCase::new(op, &[dims, dims, channels, channels])
}

pub(crate) fn cases() -> Vec<OpCase> {
    SHAPES.iter().map(|dims| case(dims)).collect()
}

#[test]
fn every_family_agrees() {
    let mut suite = Suite::new("batch_norm_grad_gamma_beta");
    for family in Family::all() {
        for dims in SHAPES {
            let Operands { grad, x, mean, variance, .. } = Operands::new(dims, family);
            suite.check_on(&case(dims), &[grad, x, mean, variance], &format!("{family:?}"));
        }
    }
}
