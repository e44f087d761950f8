//! Σ grad·x̂ and Σ grad over each channel.

use super::batch_norm::{Batch, EPSILON, FEW};
use crate::{
    Family, Gradient, Law, Level, OpCase, Operands, Proof, Reference,
    shapes::{MANY, MANY_ROWS, ROWS, SMALL_ROWS},
};
use cpu_reference::Values;
use graph::Op;

pub(super) fn proof() -> Proof {
    Proof::new("batch_norm_grad_gamma_beta", Reference::PyTorch, Gradient::Once)
        .laws(&[Law::GradientSumsToZero])
        .group("small", Level::Quick, SMALL_ROWS.map(case), FEW)
        .group("shapes", Level::Full, ROWS.map(case), Family::all())
        .group("many-workgroups", Level::Full, [case(&[2, MANY])], [Family::Normal])
        .group("longest-sum", Level::Full, [case(&[MANY_ROWS, 3])], [Family::Normal])
        .on(Operands::Made(of_the_batch))
}

fn case(dims: &[usize]) -> OpCase {
    let channels = &dims[dims.len() - 1..];
    let op = Op::BatchNormGradGammaBeta { epsilon: EPSILON };
    OpCase::new(op, &[dims, dims, channels, channels])
}

fn of_the_batch(case: &OpCase, family: Family) -> Vec<Values<f64>> {
    let Batch { grad, x, mean, variance, .. } = Batch::new(&case.operands[0].shape, family);
    vec![grad, x, mean, variance]
}
