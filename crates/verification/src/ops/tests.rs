//! The table holds every op, and its quick part every shader and every cell.

use super::*;
use crate::{Gradient, Law, Level, OpCase, Reference, op_case::Lie};
use graph::{DType, Op};
use std::collections::BTreeSet;
use tensor_ops::{Shader, Traits, shaders_of};

#[test]
fn every_kernel_has_a_row_of_its_own() {
    let proofs = proofs();
    let names: Vec<&str> = proofs.iter().map(|proof| proof.op).collect();
    assert_eq!(names, Op::KERNELS);
    for proof in &proofs {
        assert!(proof.cases().all(|case| case.op.name() == proof.op), "{}", proof.op);
        let names: BTreeSet<&str> = proof.groups.iter().map(|group| group.name).collect();
        assert_eq!(names.len(), proof.groups.len(), "{}: groups of one name", proof.op);
        for group in &proof.groups {
            let empty = group.cases.is_empty() || group.families.is_empty();
            assert!(!empty, "{}/{}", proof.op, group.name);
        }
    }
}

#[test]
fn laws_are_those_of_the_table_of_laws() {
    for proof in proofs() {
        let of_law = |law: &Law| law.ops().contains(&proof.op);
        let expected: Vec<Law> = Law::ALL.into_iter().filter(of_law).collect();
        assert_eq!(proof.laws, expected, "{}", proof.op);
    }
}

/// What an op is filled with is what it reads as numbers; the sweep is for functions of one.
#[test]
fn every_family_is_there_where_an_op_reads_numbers() {
    for proof in proofs() {
        let full = proof.groups.iter().filter(|group| group.level <= Level::Full);
        let families: Vec<Family> = full.flat_map(|group| group.families.clone()).collect();
        let reads = |case: &OpCase| case.inputs().iter().any(|ty| ty.dtype == DType::F32);
        if proof.cases().any(reads) {
            let missing = Family::all().find(|family| !families.contains(family));
            assert_eq!(missing, None, "{}", proof.op);
        }
    }
}

fn shaders<'a>(cases: impl Iterator<Item = &'a OpCase>) -> BTreeSet<(String, &'static str)> {
    let of = |shader: Shader| (shader.source(), shader.entry_point);
    cases
        .map(|case| case.graph(Lie::InBuffers))
        .flat_map(|graph| {
            Traits::of_every_variant().flat_map(move |traits| shaders_of(&graph, traits))
        })
        .map(of)
        .collect()
}

/// Cases of a level and those before it.
fn up_to(proof: &Proof, level: Level) -> impl Iterator<Item = &OpCase> {
    let groups = proof.groups.iter().filter(move |group| group.level <= level);
    groups.flat_map(|group| &group.cases)
}

/// The shaders that the quick groups leave out.
fn left_out(proof: &Proof) -> Vec<(String, &'static str)> {
    let quick = shaders(up_to(proof, Level::Quick));
    shaders(proof.cases()).difference(&quick).cloned().collect()
}

#[test]
fn quick_groups_use_every_shader() {
    let mut count = 0;
    for proof in proofs() {
        let left_out = left_out(&proof);
        let first = left_out.first().map(|(text, _)| text);
        assert!(left_out.is_empty(), "{} leaves out {}: {first:?}", proof.op, left_out.len());
        count += shaders(up_to(&proof, Level::Quick)).len();
    }
    println!("{count} shaders");
}

/// Of a product without its quads, or without its odd extents, a shader is left out.
#[test]
fn a_shader_that_is_left_out_is_noticed() {
    for op in ["tanh", "dense", "conv2d_grad_weight"] {
        let mut proof = proofs().into_iter().find(|proof| proof.op == op).unwrap();
        for group in proof.groups.iter_mut().filter(|group| group.level == Level::Quick) {
            group.cases.truncate(1);
        }
        assert!(!left_out(&proof).is_empty(), "{op}");
    }
}

/// At most three samples, but for the rows of matrix products.
#[test]
fn quick_groups_are_small() {
    for proof in proofs() {
        let quick = proof.groups.iter().filter(|group| group.level == Level::Quick);
        let mut runs = 0;
        for group in quick {
            for case in &group.cases {
                let first = case.operands.first().map(|ty| &ty.shape).or(case.result.as_ref());
                let dims = first.unwrap().dims();
                let matrices = proof.op.starts_with("dense");
                assert!(dims.len() == 1 || dims[0] <= 3 || matrices, "{}: {case}", group.name);
            }
            runs += group.cases.len() * group.families.len();
        }
        assert!((1..=60).contains(&runs), "{}: {runs} runs", proof.op);
    }
}

/// What the reference's tests by central differences really differentiate, which they hold this
/// list to.
const DIFFERENTIATED: &str = include_str!("../../../cpu-reference/tests/differentiated.txt");

#[test]
fn gradients_are_checked_as_often_as_the_table_says() {
    let of = |proof: Proof| match proof.gradient {
        Gradient::Twice => Some(format!("{} twice", proof.op)),
        Gradient::Once => Some(format!("{} once", proof.op)),
        Gradient::None(_) => None,
    };
    let claimed: Vec<String> = proofs().into_iter().filter_map(of).collect();
    assert_eq!(claimed, DIFFERENTIATED.lines().collect::<Vec<&str>>());
}

#[test]
fn what_is_defined_or_published_says_how() {
    for proof in proofs() {
        if let Reference::Definition(why) | Reference::Published(why) = proof.reference {
            assert!(!why.is_empty(), "{}", proof.op);
        }
    }
}
