//! Every fault is one that can be planted, and every op has some.

use super::*;
use crate::{Lie, OpCase, proofs};
use graph::Op;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use std::collections::{BTreeSet, HashSet};
use tensor_ops::Shader;

const PRODUCTS: [&str; 6] = [
    "dense",
    "dense_grad_input",
    "dense_grad_weight",
    "conv2d",
    "conv_transpose2d",
    "conv2d_grad_weight",
];

fn cases(op: &str) -> Vec<OpCase> {
    let proofs = proofs().into_iter().filter(|proof| proof.op == op);
    proofs.flat_map(|proof| proof.cases().cloned().collect::<Vec<_>>()).collect()
}

/// The texts that an op's own kernels have.
fn shaders(op: &str) -> HashSet<Shader> {
    let graphs: Vec<Graph> = cases(op).iter().map(|case| case.graph(Lie::InBuffers)).collect();
    let of_graph =
        |graph| Traits::of_every_variant().flat_map(move |traits| shaders_of(graph, traits));
    graphs.iter().flat_map(of_graph).filter(|shader| shader.op == op).collect()
}

fn validate(text: &str) -> Result<(), String> {
    let module = naga::front::wgsl::parse_str(text).map_err(|error| error.emit_to_string(text))?;
    let mut validator =
        Validator::new(ValidationFlags::all(), Capabilities::SUBGROUP | Capabilities::SHADER_INT64);
    validator.validate(&module).map(drop).map_err(|error| error.emit_to_string(text))
}

#[test]
fn every_edit_changes_a_text_and_leaves_it_valid() {
    let mut texts = 0;
    for &op in Op::KERNELS {
        let shaders = shaders(op);
        for PlantedFault { name, fault, .. } in faults().into_iter().filter(|f| f.fault.op == op) {
            let Change::Text(edit) = fault.change else { continue };
            let mut touched = 0;
            for shader in shaders.iter().filter(|shader| shader.source().contains(edit.from)) {
                let edited = Shader { edit: Some(edit), ..shader.clone() }.source();
                assert_ne!(edited, shader.source(), "{name}");
                validate(&edited).unwrap_or_else(|error| panic!("{name}: {error}"));
                touched += 1;
            }
            assert!(touched > 0, "{name}: `{}` is in no shader of {op}", edit.from);
            texts += touched;
        }
    }
    println!("{} faults, {texts} edited texts", faults().len());
}

/// NaN, a buffer left stale, an overrun and wrong arithmetic of its own for every op; a missing barrier for
/// each that takes several dispatches, or has one in its text.
#[test]
fn every_op_has_its_faults() {
    let faults = faults();
    for &op in Op::KERNELS {
        let kinds: BTreeSet<Kind> =
            faults.iter().filter(|f| f.fault.op == op).map(|f| f.kind).collect();
        let every = [Kind::Nan, Kind::Stale, Kind::PastTheEnd];
        assert!(every.iter().all(|kind| kinds.contains(kind)), "{op}: {kinds:?}");
        let arithmetic = [Kind::DroppedTap, Kind::SwappedAxis, Kind::WrongTerm];
        assert!(arithmetic.iter().any(|kind| kinds.contains(kind)), "{op}: {kinds:?}");
        let several = cases(op).iter().any(|case| {
            let graph = case.graph(Lie::InBuffers);
            Traits::of_every_variant().any(|traits| {
                let shaders = shaders_of(&graph, traits);
                let has_barrier = |shader: &Shader| shader.source().contains("workgroupBarrier()");
                shaders.len() > 1 || shaders.iter().any(has_barrier)
            })
        });
        assert_eq!(kinds.contains(&Kind::NoBarrier), several, "{op}");
    }
}

#[test]
fn convolutions_and_dense_have_theirs_in_each_core_and_store() {
    let faults = faults();
    let has = |op: &str, kind: Kind, part: &str| {
        faults.iter().any(|f| f.fault.op == op && f.kind == kind && f.name.contains(part))
    };
    for op in ["dense", "dense_grad_input", "conv2d", "conv_transpose2d"] {
        assert!(has(op, Kind::DroppedTap, "dropped-k") && has(op, Kind::DroppedTap, "k-subgroup8"));
        assert!(has(op, Kind::OffByOne, "scalars") && has(op, Kind::SwappedAxis, "quads"), "{op}");
        let late = ["late-row", "first-image-tile"].map(|part| has(op, Kind::SwappedAxis, part));
        assert_eq!(late, [op.starts_with("dense"); 2], "{op}");
    }
    for op in PRODUCTS {
        assert!(has(op, Kind::PastTheEnd, "reads") && has(op, Kind::PastTheEnd, ":past"), "{op}");
        assert!(has(op, Kind::SwappedAxis, "first-columns-subgroup8"), "{op}");
        let barriers = ["before", "behind"].map(|part| has(op, Kind::NoBarrier, part));
        assert_eq!(barriers, [op != "conv2d_grad_weight", true], "{op}");
        assert!(has(op, Kind::DroppedTap, "shared"), "{op}");
    }
    for op in ["dense_grad_weight", "conv2d_grad_weight"] {
        assert!(has(op, Kind::DroppedTap, "image") && has(op, Kind::DroppedTap, "image-subgroup8"));
        assert!(has(op, Kind::OffByOne, "scalars") && has(op, Kind::SwappedAxis, "quads"), "{op}");
    }
    for op in ["conv2d", "conv_transpose2d", "conv2d_grad_weight"] {
        for part in ["strides", "paddings", "height-width", "kernel"] {
            assert!(has(op, Kind::SwappedAxis, part), "{op}: {part}");
        }
        for part in ["padding-top", "padding-left"] {
            assert!(has(op, Kind::OffByOne, part), "{op}: {part}");
        }
    }
}

#[test]
fn names_are_unique_and_begin_with_the_op() {
    let faults = faults();
    let names: HashSet<&str> = faults.iter().map(|fault| fault.name).collect();
    assert_eq!(names.len(), faults.len());
    for fault in &faults {
        let (op, _) = fault.name.split_once(':').expect("op:fault");
        assert!(op == fault.fault.op && Op::KERNELS.contains(&op), "{}", fault.name);
    }
    let kinds: BTreeSet<Kind> = faults.iter().map(|fault| fault.kind).collect();
    let kind_names: BTreeSet<&str> = kinds.iter().map(|kind| kind.name()).collect();
    assert_eq!((kinds.len(), kind_names.len()), (8, 8));
}
