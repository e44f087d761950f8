//! Every law holds of the kernels, and fails where a fault is planted.

use super::*;
use crate::under_test::gpu;
use pollster::block_on;
use std::collections::BTreeSet;
use tensor_ops::{Change, Edit};

fn check(gpu: &Gpu, law: Law, fault: Option<Fault>) -> Vec<LawCase> {
    block_on(law.check(gpu, fault)).unwrap_or_else(|error| panic!("{}: {error}", law.name()))
}

#[test]
fn all_hold() {
    let Some(gpu) = gpu() else { return };
    let broken: Vec<String> = Law::ALL
        .into_iter()
        .flat_map(|law| {
            let cases = check(&gpu, law, None);
            println!("{}: {} cases", law.name(), cases.len());
            cases.into_iter().map(move |case| (law, case))
        })
        .filter_map(|(law, case)| {
            let why = case.result.err()?;
            Some(format!("{}, {}: {}: {why}", law.name(), case.op, case.case))
        })
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The ops that a law is about are those that its trials run, and the one that leaves nothing is
/// blamed. Batch norm's statistics are only made for its gradients.
#[test]
fn laws_are_about_what_they_run() {
    let Some(gpu) = gpu() else { return };
    for law in Law::ALL {
        for &op in law.ops() {
            let fault = Fault { op, change: Change::Stale };
            let mut cases = check(&gpu, law, Some(fault));
            cases.retain(|case| case.result.is_err());
            assert!(!cases.is_empty(), "{} does not look at {op}", law.name());
            assert!(cases.iter().all(|case| case.op == op), "not {op} is blamed: {cases:?}");
        }
        let about: BTreeSet<&str> =
            law.ops().iter().copied().chain(["batch_norm_statistics"]).collect();
        for case in check(&gpu, law, None) {
            assert!(about.contains(case.op), "{} runs {} too", law.name(), case.op);
        }
    }
}

/// Arithmetic that a law forbids, and nothing else, in every op that it is about.
#[test]
fn each_fails_on_wrong_arithmetic() {
    let Some(gpu) = gpu() else { return };
    let product = ("k < params.depth; k", "k + STEP < params.depth; k");
    let epilogue = ("result > vec4<f32>());", "result > vec4<f32>()) + vec4<f32>(1.0);");
    let places = ("p < share.end_place;", "p + 1u < share.end_place;");
    let weights = ("column, value);", "column, value + vec4<f32>(1.0));");
    let more = ("apply(x[lane], y[lane])", "apply(x[lane], y[lane]) + Lane(1.0)");
    let shared = ("apply(x[lane])", "apply(x[lane]) + Lane(f32(lane))");
    let of_batch = ("draw.w + sample", "draw.w + 2u * sample");
    let faults: &[(Law, &str, (&str, &str))] = &[
        (Law::Adjoint, "dense", product),
        (Law::Adjoint, "dense_grad_input", product),
        (Law::Adjoint, "dense_grad_weight", places),
        (Law::Adjoint, "conv2d", ("params.padding_top", "params.padding_left")),
        (Law::Adjoint, "conv_transpose2d", ("params.stride_y", "params.stride_x")),
        (Law::Adjoint, "conv2d_grad_weight", ("row * params.stride_y", "row * params.stride_x")),
        (Law::Adjoint, "sum", ("place < params.row;", "place + params.width < params.row;")),
        (Law::Adjoint, "broadcast", ("element / params.block", "0u")),
        (Law::Linear, "add", more),
        (Law::Linear, "multiply", more),
        (Law::Linear, "leaky_relu_grad", ("y > Lane(0.0)", "x > Lane(0.0)")),
        (Law::Linear, "tanh_grad", ("x * (Lane(1.0)", "x * (x")),
        (Law::Linear, "dropout", ("params.factor * x[lane]", "abs(x[lane])")),
        (Law::Linear, "sum", ("total += x[base + place];", "total += abs(x[base + place]);")),
        (Law::Linear, "broadcast", ("y[element] = ", "y[element] = 1.0 + ")),
        (Law::Linear, "dense", epilogue),
        (Law::Linear, "dense_grad_input", epilogue),
        (Law::Linear, "dense_grad_weight", weights),
        (Law::Linear, "conv2d", epilogue),
        (Law::Linear, "conv_transpose2d", epilogue),
        (Law::Linear, "conv2d_grad_weight", weights),
        (Law::IdentityKernel, "conv2d", ("params.padding_left", "params.padding_top")),
        (Law::IdentityKernel, "conv_transpose2d", ("params.padding_left", "params.padding_top")),
        (Law::OneByOneIsDense, "dense", product),
        (Law::OneByOneIsDense, "conv2d", ("params.a_width + x", "params.a_height + x")),
        (Law::ZeroInsertion, "conv2d", ("t < taps.count;", "t + 1u < taps.count;")),
        (Law::ZeroInsertion, "conv_transpose2d", ("params.stride_y", "params.stride_x")),
        (Law::BatchesApart, "bias", ("x[lane] + bias", "Lane(f32(lane)) + bias")),
        (Law::BatchesApart, "leaky_relu", shared),
        (Law::BatchesApart, "tanh", shared),
        (Law::BatchesApart, "sigmoid", shared),
        (Law::BatchesApart, "dropout", of_batch),
        (Law::BatchesApart, "bce_with_logits", shared),
        (Law::BatchesApart, "philox_bits", of_batch),
        (Law::BatchesApart, "normal", of_batch),
        (Law::BatchesApart, "scale_pixels", ("table[pixel]", "table[pixel] + f32(element)")),
        (Law::BatchesApart, "dense", ("min(image, params.images - 1u)", "0u")),
        (Law::BatchesApart, "dense_grad_input", ("min(image, params.images - 1u)", "0u")),
        (Law::BatchesApart, "conv2d", ("min(image, params.images - 1u)", "0u")),
        (Law::BatchesApart, "conv_transpose2d", ("min(image, params.images - 1u)", "0u")),
        (
            Law::GradientSumsToZero,
            "batch_norm_grad_input",
            ("(beta_sum + normalised", "(normalised"),
        ),
        (
            Law::GradientSumsToZero,
            "batch_norm_grad_gamma_beta",
            ("place < end; place", "place + partials < end; place"),
        ),
        (Law::SoftplusIsOdd, "bce_with_logits", ("exp(-abs(x))", "exp(-1.0001 * x)")),
        (Law::TanhReachesItsEnds, "tanh", ("min(abs(x), Lane(20.0))", "min(abs(x), Lane(8.0))")),
    ];
    for &(law, op, (from, to)) in faults {
        let fault = Fault { op, change: Change::Text(Edit { from, to }) };
        let broken = check(&gpu, law, Some(fault)).into_iter().find(|case| case.result.is_err());
        let Some(case) = broken else { panic!("{} holds of {op} with `{to}`", law.name()) };
        println!("{} {op} `{to}`: {}, {}: {:?}", law.name(), case.op, case.case, case.result);
    }
    let all: BTreeSet<_> =
        Law::ALL.iter().flat_map(|law| law.ops().iter().map(move |&op| (*law, op))).collect();
    assert_eq!(faults.iter().map(|&(law, op, _)| (law, op)).collect::<BTreeSet<_>>(), all);
}
