//! What was found, for people and for programs.

use crate::{Law, laws::LawCase, step::StepKernel, traps::Trap};
use gan::networks::Preset;
use serde::Serialize;
use std::collections::BTreeMap;

/// Failures of one op among its cases, among the laws and among the steps that are told in full, of
/// different variants where there are several; the others are counted.
const TOLD: usize = 3;

/// Comparisons of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Tally {
    /// How many.
    pub cases: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How many more the adapter's limits did not allow, so that nothing is known of them.
    pub refused: u64,
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
        self.refused += other.refused;
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
    /// What the adapter's limits did not allow, by path, and why.
    pub refused: BTreeMap<String, String>,
    /// Where the device failed, by path, and how: the rest of that part was not done.
    pub lost: BTreeMap<String, String>,
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

    /// Notes a case that the adapter's limits do not allow.
    pub(crate) fn refuse_case(&mut self, op: &str, variant: &str, path: &str, why: &str) {
        let variants = self.ops.entry(op.to_owned()).or_default();
        variants.entry(variant.to_owned()).or_default().refused += 1;
        self.refused.insert(path.to_owned(), why.to_owned());
    }

    /// Notes a step that the adapter's limits do not allow.
    pub(crate) fn refuse_step(&mut self, preset: Preset, batch: usize, why: &str) {
        self.step(preset, batch, WHOLE).refused += 1;
        self.refused.insert(step_path(preset, batch), why.to_owned());
    }

    /// Notes a step that cannot be made at all.
    pub(crate) fn fail_to_make_step(&mut self, preset: Preset, batch: usize, why: &str) {
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
            only: step_path(preset, batch),
        });
    }

    /// Tells a failure, unless enough of its op are told. An op's cases come before laws and steps,
    /// which are larger.
    pub(crate) fn fail(&mut self, failure: Failure) {
        let alike = |told: &&Failure| told.op == failure.op && told.part() == failure.part();
        let mut told = self.failures.iter().filter(alike);
        let known = told.clone().any(|told| told.variant == failure.variant);
        if !known && told.nth(TOLD - 1).is_none() {
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
        self.refused.extend(other.refused);
        self.lost.extend(other.lost);
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

    /// The variants of which every case was refused, so that nothing is known of them; and the
    /// training step, if that is so of each.
    pub fn unknown(&self) -> Vec<String> {
        let nothing = |tally: &Tally| tally.cases == 0;
        let variants = self.ops.iter().flat_map(|(op, variants)| {
            let unknown = variants.iter().filter(move |(_, tally)| nothing(tally));
            unknown.map(move |(variant, _)| format!("{op} {variant}").trim_end().to_owned())
        });
        let mut unknown: Vec<String> = variants.collect();
        let mut steps = self.steps.values();
        if !self.steps.is_empty() && steps.all(|ops| ops.values().all(nothing)) {
            unknown.push("the training step".to_owned());
        }
        unknown
    }

    /// Whether something was compared, of each op too, all of it held, and the adapter has no trap
    /// that Ganvas falls into.
    pub fn held(&self) -> bool {
        let compared = self.total().cases > 0 || !self.traps.is_empty();
        compared && self.wrong().is_empty() && self.unknown().is_empty() && self.lost.is_empty()
    }
}

fn step_path(preset: Preset, batch: usize) -> String {
    format!("step/{preset}/{batch}")
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

    fn failure(op: &str, variant: &str) -> Failure {
        let [case, form, wrong, only] = [const { String::new() }; 4];
        Failure { op: op.to_owned(), case, variant: variant.to_owned(), form, wrong, only }
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
        other.fail(failure("tanh", "quads"));
        findings.merge(other);
        assert!(!findings.held());
        let total = findings.total();
        assert_eq!((total.cases, total.failed, total.worst), (2, 1, 0.25));
    }

    #[test]
    fn some_training_step_has_to_be_compared() {
        let mut findings = Findings::default();
        findings.add_step_run(Preset::Dcgan28Small, 3, None);
        findings.refuse_step(Preset::Dcgan64, 2, "too large");
        assert!(findings.held());
        let mut findings = Findings::default();
        findings.add_case("tanh", "quads", Some(0.25));
        findings.refuse_step(Preset::Dcgan64, 2, "too large");
        assert!(!findings.held());
        findings.add_step_run(Preset::Dcgan64, 2, Some("g.parameters"));
        assert_eq!(findings.wrong(), ["dcgan64 at batch 2"]);
    }

    #[test]
    fn a_lost_device_has_not_held() {
        let mut findings = Findings::default();
        findings.add_case("tanh", "quads", Some(0.25));
        findings.lost.insert("tanh/small/1/normal".to_owned(), "reset".to_owned());
        assert!(!findings.held());
    }

    #[test]
    fn an_op_of_which_nothing_ran_has_not_held() {
        let mut findings = Findings::default();
        findings.add_case("tanh", "quads", Some(0.25));
        findings.refuse_case("tanh", "quads", "tanh/many/0/normal", "too large");
        assert!(findings.held());
        findings.refuse_case("tanh", "scalars", "tanh/many/1/normal", "too large");
        assert!(!findings.held() && findings.wrong().is_empty());
        assert_eq!(
            (findings.unknown(), findings.refused.len()),
            (vec!["tanh scalars".to_owned()], 2)
        );
    }

    #[test]
    fn few_failures_of_an_op_are_told_and_all_are_counted() {
        let mut findings = Findings::default();
        for op in ["tanh", "conv2d"] {
            for variant in ["a", "a", "b", "c", "d"] {
                findings.add_case(op, variant, None);
                findings.fail(failure(op, variant));
            }
        }
        let told: Vec<&str> = findings.failures.iter().map(|told| told.variant.as_str()).collect();
        assert_eq!(told, ["a", "b", "c", "a", "b", "c"]);
        assert_eq!(findings.total().failed, 10);
    }

    #[test]
    fn tolerances_that_look_wrong_are_warned_of() {
        let of = |worst| Tally { cases: 1, worst, ..Tally::default() }.warning();
        assert_eq!([of(0.0), of(0.3)], [None, None]);
        assert_eq!([of(0.6), of(0.001)], [Some("too tight?"), Some("too loose?")]);
    }
}
