//! γ/√(variance + epsilon) · (grad - grad_beta/R - x̂·grad_gamma/R).

use super::batch_norm::{Batch, EPSILON, FEW, rounded};
use crate::{
    Family, Gradient, Law, Level, OpCase, Operands, Proof, Reference,
    shapes::{MANY_ROWS, ROWS, SMALL_ROWS},
};
use cpu_reference::{Values, evaluate};
use graph::{Op, TensorType};

pub(super) fn proof() -> Proof {
    Proof::new("batch_norm_grad_input", Reference::PyTorch, Gradient::Once)
        .laws(&[Law::GradientSumsToZero])
        .group("small", Level::Quick, SMALL_ROWS.map(case), FEW)
        .group("shapes", Level::Full, ROWS.map(case), Family::all())
        .group("many-workgroups", Level::Full, [case(&[MANY_ROWS, 3])], [Family::Normal])
        .on(Operands::Made(of_the_batch))
}

fn case(dims: &[usize]) -> OpCase {
    let channels = &dims[dims.len() - 1..];
    let op = Op::BatchNormGradInput { epsilon: EPSILON };
    OpCase::new(op, &[dims, dims, channels, channels, channels, channels, channels])
}

fn of_the_batch(case: &OpCase, family: Family) -> Vec<Values<f64>> {
    let image = &case.operands[0];
    let Batch { grad, x, mean, variance, gamma, .. } = Batch::new(&image.shape, family);
    let vector = TensorType::f32(&[image.shape.channels()]);
    let sums = evaluate(
        &Op::BatchNormGradGammaBeta { epsilon: EPSILON },
        &[(image, &grad), (image, &x), (&vector, &mean), (&vector, &variance)],
        &[vector.clone(), vector.clone()],
        &[],
    );
    let [grad_gamma, grad_beta] = [rounded(&sums[0]), rounded(&sums[1])];
    vec![grad, x, mean, variance, gamma, grad_gamma, grad_beta]
}
