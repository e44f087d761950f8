//! Each guard fails when what it guards is written to, by a kernel or between the run and the look
//! at it.

use super::*;
use crate::{Family, faults::faults, under_test::gpu};
use graph::{Op, TensorType};
use pollster::block_on;

/// Three of the last quad's four elements are the tensors' own.
fn case() -> OpCase {
    OpCase::new(Op::Add, &[&[7], &[7]])
}

/// What the guards say of a run after which `spoil` has been at the plan.
fn judge(lie: Lie, spoil: impl FnOnce(&Gpu, &mut Plan, &Built)) -> Option<Violation> {
    let (gpu, case) = (&gpu()?, case());
    let built = case.build(lie);

    let operands: Vec<Values<f64>> = (0..2)
        .map(|place| {
            Values::from_f32(&Family::Integers.fill(&case.operands[place].shape, place, 1))
        })
        .collect();
    let run = Run { case: &case, built: &built };
    let mut plan = compile(gpu, &built);
    run.prepare(&mut plan, &operands);
    block_on(plan.run(&[built.phase])).unwrap();
    spoil(gpu, &mut plan, &built);
    match block_on(run.finish(&plan, &operands)) {
        Err(RunError::Touched(violation)) => Some(violation),
        other => other.map(|_| None).unwrap(),
    }
}

fn compile(gpu: &Gpu, built: &Built) -> Plan {
    let options = PlanOptions { guard_bytes: GUARD_BYTES, ..PlanOptions::default() };
    block_on(Plan::compile_with(gpu, &built.graph, options)).unwrap()
}

/// Changes one element of the storage that a tensor lies in, counted from the storage's start.
fn change(plan: &Plan, placed: Placed, element: usize) {
    let storage = placed.storage.unwrap();
    let mut whole = block_on(plan.read_storage(storage)).unwrap();
    whole[element] += 1.0;
    plan.write_storage(storage, &whole);
}

#[test]
fn what_is_not_spoilt_passes() {
    for lie in [Lie::InBuffers, Lie::InStorage] {
        assert_eq!(judge(lie, |_, _, _| ()), None, "{lie:?}");
    }
}

/// A plan made anew holds zeros where the poison was.
#[test]
fn a_guard_without_its_poison_fails() {
    if gpu().is_none() {
        return;
    }
    let found = judge(Lie::InBuffers, |gpu, plan, built| *plan = compile(gpu, built));
    assert_eq!(found, Some(Violation::PastTheEnd));
}

#[test]
fn every_margin_is_looked_at() {
    if gpu().is_none() {
        return;
    }
    // The ends of both margins, and the element right behind the tensor, in its own last quad.
    for element in [0, MARGIN - 1, MARGIN + 7, MARGIN + 8, 2 * MARGIN + 7] {
        for of_result in [true, false] {
            let found = judge(Lie::InStorage, |_, plan, built| {
                let placed = if of_result { built.results[0] } else { built.operands[1] };
                change(plan, placed, element);
            });
            assert_eq!(found, Some(Violation::BesideTheView), "element {element}, {of_result}");
        }
    }
}

#[test]
fn a_changed_operand_fails() {
    if gpu().is_none() {
        return;
    }
    for place in 0..2 {
        let found = judge(Lie::InStorage, |_, plan, built| {
            change(plan, built.operands[place], MARGIN + 6);
        });
        assert_eq!(found, Some(Violation::OperandChanged(place)));
        let found = judge(Lie::InBuffers, |_, plan, built| {
            let operand = built.operands[place].tensor;
            let TensorType { shape, .. } = built.graph.ty(operand);
            plan.write_input(operand, &vec![1; 4 * shape.elements()]);
        });
        assert_eq!(found, Some(Violation::OperandChanged(place)));
    }
}

/// How a case with a planted fault ends, in both forms.
fn with_fault(gpu: &Gpu, case: &OpCase, name: &str, lie: Lie) -> [Result<Outcome, RunError>; 2] {
    let fault = faults().into_iter().find(|fault| fault.name == name).unwrap().fault;
    let fill = |place: usize| {
        Values::from_f32(&Family::Integers.fill(&case.operands[place].shape, place, 1))
    };
    let operands: Vec<Values<f64>> = (0..case.operands.len()).map(fill).collect();
    [Checks::Checked, Checks::Unchecked].map(|checks| {
        let form = Form { checks, traits: Traits::PLAIN, lie };
        block_on(run(gpu, case, &operands, form, None)).unwrap();
        block_on(run(gpu, case, &operands, form, Some(fault)))
    })
}

fn violated(case: &OpCase, name: &str, lie: Lie, expected: Violation) {
    let Some(gpu) = gpu() else { return };
    for found in with_fault(&gpu, case, name, lie) {
        assert_eq!(found, Err(RunError::Touched(expected)), "{name} in {case}, {lie:?}");
    }
}

/// With eight lanes or one row too many, on an odd number of elements and on quads.
#[test]
fn a_kernel_that_writes_past_its_end_is_seen() {
    let past = |case: &OpCase, name: &str| {
        violated(case, name, Lie::InBuffers, Violation::PastTheEnd);
        violated(case, name, Lie::InStorage, Violation::BesideTheView);
    };
    for elements in [7, 36] {
        past(&OpCase::new(Op::Add, &[&[elements], &[elements]]), "add:past-the-end");
        past(&OpCase::new(Op::Tanh, &[&[elements]]), "tanh:past-the-end");
        for op in [Op::Copy, Op::Accumulate] {
            let name = format!("{op}:past-the-end", op = op.name());
            let case = OpCase::new(op, &[&[elements], &[elements]]);
            for lie in [Lie::InBuffers, Lie::InStorage] {
                violated(&case, &name, lie, Violation::BesideTheView);
            }
        }
    }
    past(&OpCase::new(Op::Dense, &[&[3, 8], &[8, 16]]), "dense:past-the-end");
    past(&OpCase::new(Op::DenseGradWeight, &[&[3, 5], &[3, 7]]), "dense_grad_weight:past-the-end");
}

#[test]
fn a_kernel_that_writes_past_its_scratch_is_seen() {
    let past = |case: &OpCase, name: &str| {
        violated(case, name, Lie::InBuffers, Violation::PastTheScratch);
        violated(case, name, Lie::InStorage, Violation::PastTheScratch);
    };
    let statistics = OpCase::new(Op::BatchNormStatistics, &[&[3, 7, 5, 4]]);
    past(&statistics, "batch_norm_statistics:past-the-scratch");
    // Several splits, which `sum` adds.
    past(
        &OpCase::new(Op::DenseGradWeight, &[&[17, 3], &[17, 5]]),
        "dense_grad_weight:past-the-end",
    );
}

/// What is behind an operand is no number, so that no sum takes it for nothing.
#[test]
fn a_kernel_that_reads_past_an_end_has_no_result() {
    let Some(gpu) = gpu() else { return };
    let case = OpCase::new(Op::Dense, &[&[3, 8], &[8, 16]]);
    for found in with_fault(&gpu, &case, "dense:reads-past-the-end", Lie::InBuffers) {
        let words = found.unwrap().targets.concat();
        assert!(words.into_iter().all(|word| f32::from_bits(word).is_nan()));
    }
}

/// Within what a plan leaves free for them, behind tensors of any extents.
#[test]
fn a_plan_with_a_fault_has_guards_of_its_own() {
    let Some(gpu) = gpu() else { return };
    let built = case().build(Lie::InBuffers);
    let options = PlanOptions::default();
    let fault = faults().into_iter().find(|fault| fault.name == "add:past-the-end").unwrap().fault;
    let faulty = PlanOptions { fault: Some(fault), ..options.clone() };
    let [without, with] = [options, faulty]
        .map(|options| block_on(Plan::compile_with(&gpu, &built.graph, options)).unwrap().memory());
    assert_eq!(with.pooled_bytes, without.pooled_bytes + 3 * FAULT_GUARD_BYTES);
}
