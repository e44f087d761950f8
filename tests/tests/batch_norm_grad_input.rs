//! γ/√(variance + epsilon) · (grad - grad_beta/R - x̂·grad_gamma/R).

use crate::batch_norm::{EPSILON, Operands, SHAPES, rounded};
use cpu_reference::evaluate;
use ganvas_tests::{Family, OpCase, Suite};
use graph::{Op, TensorType};

fn case(dims: &[usize]) -> OpCase {
    let channels = &dims[dims.len() - 1..];
    let op = Op::BatchNormGradInput { epsilon: EPSILON };
    OpCase::new(op, &[dims, dims, channels, channels, channels, channels, channels])
}

pub(crate) fn cases() -> Vec<OpCase> {
    SHAPES.iter().map(|dims| case(dims)).collect()
}

#[test]
fn every_family_agrees() {
    let mut suite = Suite::new("batch_norm_grad_input");
    for family in Family::all() {
        for dims in SHAPES {
            let Operands { grad, x, mean, variance, gamma, .. } = Operands::new(dims, family);
            let (image, vector) = (TensorType::f32(dims), TensorType::f32(&dims[dims.len() - 1..]));
            let sums = evaluate(
                &Op::BatchNormGradGammaBeta { epsilon: EPSILON },
                &[(&image, &grad), (&image, &x), (&vector, &mean), (&vector, &variance)],
                &[vector.clone(), vector.clone()],
                &[],
            );
            let [grad_gamma, grad_beta] = [rounded(&sums[0]), rounded(&sums[1])];
            let operands = [grad, x, mean, variance, gamma, grad_gamma, grad_beta];
            suite.check_on(&case(dims), &operands, &format!("{family:?}"));
        }
    }
}
