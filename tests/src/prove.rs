//! The groups of an op on the adapter under test.

use crate::{count_cases, gpu};
use cpu_reference::Values;
use pollster::block_on;
use std::ops::RangeBounds;
use verification::{
    Check, Family, Form, Group, Level, OpCase, Operands, Outcome, Tally, forms_in_turn, proofs,
};

/// Compares every case of an op's groups of these levels, in every form, and prints how near the
/// worst error came to what is allowed.
///
/// # Panics
/// At the first mismatch; if the op has no group of these levels.
pub fn prove(op: &str, levels: impl RangeBounds<Level>) {
    let all = proofs();
    let proof = all.iter().find(|proof| proof.op == op);
    let proof = proof.unwrap_or_else(|| panic!("no proof of `{op}`"));
    let chosen = proof.groups.iter().filter(|group| levels.contains(&group.level));
    let groups: Vec<&Group> = chosen.collect();
    assert!(!groups.is_empty(), "{op} has no group of these levels");
    for group in groups {
        check(&format!("{op}, {}", group.name), group);
    }
}

/// Compares every case of a group on every family, in every form.
fn check(name: &str, group: &Group) {
    let Some(gpu) = gpu() else { return };
    let mut tally = Tally::default();
    for (f, &family) in group.families.iter().enumerate() {
        for (c, case) in group.cases.iter().enumerate() {
            let check = Check::new(case, family, group.operands);
            let compared =
                block_on(check.run(gpu, &forms_in_turn(case, gpu.traits(), group, f + c), None));
            let compared = compared.unwrap_or_else(|error| panic!("{case}: {error}"));
            for (form, result) in compared.forms {
                let wrong = |wrong| panic!("{name}: {case} on {family}, {form}: {wrong}");
                tally.add(Some(result.unwrap_or_else(wrong)));
            }
        }
    }
    let Tally { cases, worst, .. } = tally;
    assert!(cases > 0, "{name}: nothing was compared");
    count_cases(gpu, cases);
    let note = tally.warning().map(|warning| format!(" ({warning})")).unwrap_or_default();
    println!("{name}: {cases} cases, worst error {worst:.3} of what is allowed{note}");
}

/// Compares a case that is none of the table's on each family, in every form.
///
/// # Panics
/// At the first mismatch.
pub fn check_case(name: &'static str, case: OpCase, families: &[Family]) {
    let (cases, families) = (vec![case], families.to_vec());
    check(name, &Group { name, level: Level::Suite, cases, families, operands: Operands::Plain });
}

/// What a case leaves in memory as training runs it; `None` where there is no adapter.
///
/// # Panics
/// If it cannot be run.
pub fn run(case: &OpCase, operands: &[Values<f64>]) -> Option<Outcome> {
    let gpu = gpu()?;
    let outcome = block_on(verification::run(gpu, case, operands, Form::of(gpu), None));
    count_cases(gpu, 1);
    Some(outcome.unwrap_or_else(|error| panic!("{case}: {error}")))
}
