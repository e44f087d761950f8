//! What a kernel of a schedule must leave in memory.

use crate::{
    compare::Expected,
    tolerance::{Allowed, Evaluated, widen},
};
use cpu_reference::{Values, evaluate};
use graph::{Graph, Kernel, TensorId, TensorType};

/// The tensors that a kernel writes, and what the reference expects in each: its results, then the
/// operands that it changes in place. `operands` are the values of [`Kernel::operands`].
///
/// # Panics
/// If the operands do not fit.
pub(crate) fn expect_kernel(
    graph: &Graph,
    kernel: &Kernel,
    operands: &[Values<f64>],
    scalars: &[u32],
) -> Vec<(TensorId, Expected)> {
    let node = graph.node(kernel.nodes[0]);
    let types: Vec<&TensorType> = kernel.operands(graph).iter().map(|&t| graph.ty(t)).collect();
    let typed: Vec<(&TensorType, &Values<f64>)> = types.into_iter().zip(operands).collect();
    let of_op = &typed[..node.operands.len()];
    let result_types: Vec<TensorType> = node.results.iter().map(|&t| graph.ty(t).clone()).collect();
    let made = evaluate(&node.op, of_op, &result_types, scalars);
    let in_place = node.op.in_place_operands().iter().map(|&place| node.operands[place]);
    let targets: Vec<TensorId> = kernel.results(graph).iter().copied().chain(in_place).collect();
    if let [Values::U32(words)] = &made[..] {
        return vec![(targets[0], Expected::Words(words.clone()))];
    }
    let allowed = Evaluated {
        op: &node.op,
        operands: of_op,
        result_types: &result_types,
        scalars,
        made: &made,
    }
    .allowed();
    let mut expected: Vec<(Vec<f64>, Allowed)> =
        made.iter().map(|values| values.real().to_vec()).zip(allowed).collect();
    if kernel.nodes.len() > 1 {
        let (values, allowed) = &mut expected[0];
        let Allowed::Each(allowed) = allowed else { panic!("{} has no epilogue", node.op.name()) };
        finish(graph, kernel, values, allowed, operands);
    }
    let reals = expected.into_iter().map(|(values, allowed)| Expected::Reals(values, allowed));
    targets.into_iter().zip(reals).collect()
}

/// The epilogue.
fn finish(
    graph: &Graph,
    kernel: &Kernel,
    values: &mut Vec<f64>,
    allowed: &mut [f64],
    operands: &[Values<f64>],
) {
    let last = operands.last().expect("an op with an epilogue has operands");
    for &id in &kernel.nodes[1..] {
        let node = graph.node(id);
        let ty = graph.ty(node.results[0]);
        let before = Values::Real(values.clone());
        let bias_type = node.operands.get(1).map(|&bias| graph.ty(bias));
        let mut typed = vec![(ty, &before)];
        typed.extend(bias_type.map(|ty| (ty, last)));
        let made = evaluate(&node.op, &typed, std::slice::from_ref(ty), &[]);
        let after = made[0].real();
        widen(
            allowed,
            after.iter().zip(&*values).map(|(after, before)| after.abs() + before.abs()),
        );
        *values = after.to_vec();
    }
}
