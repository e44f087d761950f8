//! What was found, for people and for programs.

use crate::{Law, laws::LawCase, step::StepKernel, traps::Trap};
use gan::networks::Preset;
use serde::Serialize;
use std::collections::BTreeMap;

/// Failures of one op among its cases, among the laws and among the steps that are told in full;
/// the others are counted.
const TOLD: usize = 2;

/// Comparisons of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Tally {
    /// How many.
    pub cases: u64,
    /// How many of them failed.
    pub failed: u64,
    /// The worst error over what is allowed among those that held; 0 where all were exact.
    pub worst: f64,
}

impl Tally {
    /// Adds a case with its error over what is allowed; `None` for one that failed.
    pub fn add(&mut self, worst: Option<f64>) {
        self.cases += 1;
        match worst {
            Some(worst) => self.worst = self.worst.max(worst),
            None => self.failed += 1,
        }
    }

    /// Adds another's cases.
    pub fn merge(&mut self, other: &Self) {
        self.cases += other.cases;
        self.failed += other.failed;
        self.worst = self.worst.max(other.worst);
    }

    /// Whether what is allowed looks wrong: above half of it is used, or less than a hundredth.
    pub fn warning(&self) -> Option<&'static str> {
        match self.worst {
            worst if worst > 0.5 => Some("too tight?"),
            worst if worst > 0.0 && worst < 0.01 => Some("too loose?"),
            _ => None,
        }
    }
}

/// A result that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failure {
    /// The op.
    pub op: String,
    /// The op with its attributes, and the shapes.
    pub case: String,
    /// The kernel's variant.
    pub variant: String,
    /// How it was run.
    pub form: String,
    /// What was found where what was expected.
    pub wrong: String,
    /// What `--only` takes to see it again.
    pub only: String,
}

impl Failure {
    /// Where it was found: an op's case, a law, a step.
    fn part(&self) -> u8 {
        match self.only.split('/').next() {
            Some("step") => 2,
            Some("law") => 1,
            _ => 0,
        }
    }
}

/// What was found, of any part of the work.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Findings {
    /// Comparisons with the reference, by op and variant.
    pub ops: BTreeMap<String, BTreeMap<String, Tally>>,
    /// By law.
    pub laws: BTreeMap<String, Tally>,
    /// By step and op.
    pub steps: BTreeMap<String, BTreeMap<String, Tally>>,
    /// Cases that ran with bounds checks and without, to the same bits.
    pub without_checks: Tally,
    /// What the adapter is like.
    pub traps: Vec<Trap>,
    /// What is wrong; of each op the first few.
    pub failures: Vec<Failure>,
}

impl Findings {
    pub(crate) fn add_case(&mut self, op: &str, variant: &str, worst: Option<f64>) {
        let variants = self.ops.entry(op.to_owned()).or_default();
        variants.entry(variant.to_owned()).or_default().add(worst);
    }

    pub(crate) fn add_law(&mut self, law: Law, case: LawCase) {
        let held = case.result.is_ok().then_some(0.0);
        self.laws.entry(law.name().to_owned()).or_default().add(held);
        if let Err(wrong) = case.result {
            let only = format!("law/{}", law.name());
            let (op, form) = (case.op.to_owned(), format!("law {}", law.name()));
            self.fail(Failure { op, case: case.case, variant: String::new(), form, wrong, only });
        }
    }

    pub(crate) fn add_step_kernel(&mut self, preset: Preset, batch: usize, kernel: &StepKernel) {
        let worst = kernel.result.as_ref().ok().copied();
        self.step(preset, batch, kernel.op).add(worst);
        if let Err(mismatch) = &kernel.result {
            self.fail_step(preset, batch, kernel.op, &kernel.place, &mismatch.to_string());
        }
    }

    /// A whole step in one submission; `differs` names a storage that it leaves otherwise than its
    /// kernels one by one.
    pub(crate) fn add_step_run(&mut self, preset: Preset, batch: usize, differs: Option<&str>) {
        self.step(preset, batch, WHOLE).add(differs.is_none().then_some(0.0));
        if let Some(name) = differs {
            let wrong = format!(
                "`{name}` has other bytes after one submission than after its kernels one by one"
            );
            self.fail_step(preset, batch, WHOLE, "all kernels in one submission", &wrong);
        }
    }

    pub(crate) fn refuse_step(&mut self, preset: Preset, batch: usize, why: &str) {
        self.step(preset, batch, WHOLE).add(None);
        self.fail_step(preset, batch, WHOLE, "making the step", why);
    }

    fn step(&mut self, preset: Preset, batch: usize, op: &str) -> &mut Tally {
        let step = self.steps.entry(format!("{preset} at batch {batch}")).or_default();
        step.entry(op.to_owned()).or_default()
    }

    fn fail_step(&mut self, preset: Preset, batch: usize, op: &str, place: &str, wrong: &str) {
        self.fail(Failure {
            op: op.to_owned(),
            case: place.to_owned(),
            variant: String::new(),
            form: format!("step of {preset} at batch {batch}"),
            wrong: wrong.to_owned(),
            only: format!("step/{preset}"),
        });
    }

    /// Tells a failure, unless enough of its op are told. An op's cases come before laws and steps,
    /// which are larger.
    pub(crate) fn fail(&mut self, failure: Failure) {
        let alike = |told: &&Failure| told.op == failure.op && told.part() == failure.part();
        if self.failures.iter().filter(alike).count() < TOLD {
            let place = self.failures.partition_point(|told| told.part() <= failure.part());
            self.failures.insert(place, failure);
        }
    }

    /// Adds what another part of the work found.
    pub fn merge(&mut self, other: Self) {
        merge_tallies(&mut self.ops, other.ops);
        merge_tallies(&mut self.steps, other.steps);
        for (name, tally) in other.laws {
            self.laws.entry(name).or_default().merge(&tally);
        }
        self.without_checks.merge(&other.without_checks);
        self.traps.extend(other.traps);
        for failure in other.failures {
            self.fail(failure);
        }
    }

    /// The sum over everything that was compared.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        let nested = self.ops.values().chain(self.steps.values()).flat_map(BTreeMap::values);
        for tally in nested.chain(self.laws.values()) {
            total.merge(tally);
        }
        total
    }

    /// What is wrong, by name: ops, steps, laws and traps.
    pub fn wrong(&self) -> Vec<String> {
        let failed = |tallies: &BTreeMap<String, Tally>| tallies.values().any(|t| t.failed > 0);
        let nested = self.ops.iter().chain(&self.steps).filter(|(_, tallies)| failed(tallies));
        let laws = self.laws.iter().filter(|(_, tally)| tally.failed > 0);
        let traps = self.traps.iter().filter(|trap| trap.is_harmful());
        let names = nested.map(|(name, _)| name.clone()).chain(laws.map(|(name, _)| name.clone()));
        names.chain(traps.map(|trap| trap.name.to_owned())).collect()
    }

    /// Whether something was compared, all of it held, and the adapter has no trap that Ganvas
    /// falls into.
    pub fn held(&self) -> bool {
        let total = self.total();
        let compared = total.cases > 0 || !self.traps.is_empty();
        compared && total.failed == 0 && !self.traps.iter().any(Trap::is_harmful)
    }
}

/// What the comparisons of a whole step count as, beside its ops.
const WHOLE: &str = "whole step";

fn merge_tallies(
    into: &mut BTreeMap<String, BTreeMap<String, Tally>>,
    from: BTreeMap<String, BTreeMap<String, Tally>>,
) {
    for (name, tallies) in from {
        let of_name = into.entry(name).or_default();
        for (variant, tally) in tallies {
            of_name.entry(variant).or_default().merge(&tally);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(op: &str) -> Failure {
        let [case, variant, form, wrong, only] = [const { String::new() }; 5];
        Failure { op: op.to_owned(), case, variant, form, wrong, only }
    }

    #[test]
    fn nothing_compared_has_not_held() {
        assert!(!Findings::default().held());
    }

    #[test]
    fn one_failure_is_enough() {
        let mut findings = Findings::default();
        findings.add_case("tanh", "quads", Some(0.25));
        assert!(findings.held());
        let mut other = Findings::default();
        other.add_case("tanh", "quads", None);
        other.fail(failure("tanh"));
        findings.merge(other);
        assert!(!findings.held());
        let total = findings.total();
        assert_eq!((total.cases, total.failed, total.worst), (2, 1, 0.25));
    }

    #[test]
    fn few_failures_of_an_op_are_told_and_all_are_counted() {
        let mut findings = Findings::default();
        for op in ["tanh", "conv2d"] {
            for _ in 0..5 {
                findings.add_case(op, "quads", None);
                findings.fail(failure(op));
            }
        }
        assert_eq!((findings.failures.len(), findings.total().failed), (2 * TOLD, 10));
    }

    #[test]
    fn tolerances_that_look_wrong_are_warned_of() {
        let of = |worst| Tally { cases: 1, failed: 0, worst }.warning();
        assert_eq!([of(0.0), of(0.3)], [None, None]);
        assert_eq!([of(0.6), of(0.001)], [Some("too tight?"), Some("too loose?")]);
    }
}
