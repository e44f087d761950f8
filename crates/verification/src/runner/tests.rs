//! Each guard fails when what it guards is written to between the run and the look at it.

use super::*;
use crate::{Family, under_test::gpu};
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
