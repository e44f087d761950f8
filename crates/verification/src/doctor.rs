//! All that is known of kernels, checked on one adapter.
//!
//! The work is in parts that do not depend on each other, so that a caller can deal them out to
//! devices of its own making, one a thread, and show how far they are.

use crate::{
    Check, Family, Form, Group, Law, Level, OpCase, Proof, Wrong, all_forms, proofs,
    report::{Failure, Findings},
    step::{Step, StepError, options},
    traps, unchecked_forms, variant,
};
use gan::networks::Preset;
use graph::Op;
use std::{fmt, str::FromStr};
use tensor_ops::{Checks, DeviceError, Fault, Gpu, PlanError, PlanOptions};

/// What is checked.
#[derive(Clone, Debug)]
pub struct Doctor {
    level: Level,
    selection: Selection,
    fault: Option<Fault>,
    proofs: Vec<Proof>,
}

/// A part of the work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Work {
    /// What adapters are known to get wrong.
    Traps,
    /// Every group of one op, by its place among the proofs.
    Op(usize),
    /// One law.
    Law(Law),
    /// A training step of a preset at this batch.
    Step(Preset, usize),
}

/// A part of the checks, by its path: `OP`, `OP/GROUP`, `OP/GROUP/CASE`, `OP/GROUP/CASE/FAMILY`,
/// `law/NAME`, `step/PRESET` or `traps`. Empty for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection(Vec<String>);

/// A path that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{asked}` is none of the checks: there {}", known(.there))]
pub struct UnknownSelection {
    /// What was asked for.
    pub asked: String,
    /// What there is in its place.
    pub there: Vec<String>,
}

fn known(there: &[String]) -> String {
    match there {
        [] => "is nothing below it".to_owned(),
        [only] => format!("is {only}"),
        several => format!("are {}", several.join(", ")),
    }
}

/// The presets whose step is checked: the level from which on, channels, batch.
const STEPS: [(Level, Preset, usize); 4] = [
    (Level::Quick, Preset::Dcgan28Small, 3),
    (Level::Full, Preset::Dcgan28Small, 8),
    (Level::Full, Preset::Dcgan28, 4),
    (Level::Full, Preset::Dcgan64, 2),
];

impl Doctor {
    /// Everything of a level that the selection names. What names a group, a law or a preset is
    /// found whatever the level. A fault may be planted, to see that it is found.
    ///
    /// # Errors
    /// If the selection names nothing.
    pub fn new(
        level: Level,
        selection: Selection,
        fault: Option<Fault>,
    ) -> Result<Self, UnknownSelection> {
        let level = if selection.0.len() > 1 { Level::Suite } else { level };
        let doctor = Self { level, selection, fault, proofs: proofs() };
        doctor.check_selection()?;
        Ok(doctor)
    }

    /// The parts of the work, the longest first.
    pub fn work(&self) -> Vec<Work> {
        let root = self.selection.part(0);
        let is = |name: &str| root.is_none_or(|root| root == name);
        let mut work = Vec::new();
        if is("step") {
            let chosen = STEPS.iter().filter(|(level, preset, _)| {
                *level <= self.level && self.selection.takes(1, preset.name())
            });
            // A larger batch of the same preset makes the smaller one needless.
            let mut steps: Vec<(Preset, usize)> =
                chosen.map(|&(_, preset, batch)| (preset, batch)).collect();
            steps.reverse();
            steps.dedup_by_key(|(preset, _)| *preset);
            work.extend(steps.into_iter().map(|(preset, batch)| Work::Step(preset, batch)));
        }
        let ops = self.proofs.iter().enumerate().filter(|(_, proof)| is(proof.op));
        // Products take longest, and come last among the ops.
        work.extend(ops.rev().map(|(place, _)| Work::Op(place)));
        // Laws take pipelines of their own, and what a quick look needs is in the cases.
        if is("law") && (self.level > Level::Quick || root.is_some()) {
            let laws = Law::ALL.into_iter().filter(|law| self.selection.takes(1, law.name()));
            work.extend(laws.map(Work::Law));
        }
        if is("traps") {
            work.push(Work::Traps);
        }
        work
    }

    /// Its name for people.
    pub fn name_of(&self, work: Work) -> String {
        match work {
            Work::Traps => "traps".to_owned(),
            Work::Op(place) => self.proofs.get(place).map_or("", |proof| proof.op).to_owned(),
            Work::Law(law) => format!("law {}", law.name()),
            Work::Step(preset, batch) => format!("step of {preset} at batch {batch}"),
        }
    }

    /// Does a part of the work on a device.
    ///
    /// # Errors
    /// If the device fails. What the device computes wrongly is a finding, not an error.
    pub async fn perform(&self, gpu: &Gpu, work: Work) -> Result<Findings, DeviceError> {
        let mut findings = Findings::default();
        match work {
            Work::Traps => findings.traps = traps::find(gpu).await?,
            Work::Op(place) => {
                if let Some(proof) = self.proofs.get(place) {
                    self.check_op(gpu, proof, &mut findings).await?;
                }
            }
            Work::Law(law) => {
                for case in law.check(gpu, self.fault).await? {
                    findings.add_law(law, case);
                }
            }
            Work::Step(preset, batch) => {
                let checked = self.check_step(gpu, preset, batch, &mut findings).await;
                checked.or_else(|error| match error {
                    StepError::Plan(PlanError::Device(error)) => Err(error),
                    error => {
                        findings.refuse_step(preset, batch, &error.to_string());
                        Ok(())
                    }
                })?;
            }
        }
        Ok(findings)
    }

    async fn check_op(
        &self,
        gpu: &Gpu,
        proof: &Proof,
        findings: &mut Findings,
    ) -> Result<(), DeviceError> {
        let chosen =
            |group: &&Group| group.level <= self.level && self.selection.takes(1, group.name);
        for group in proof.groups.iter().filter(chosen) {
            for (number, case) in group.cases.iter().enumerate() {
                if !self.selection.takes(2, &number.to_string()) {
                    continue;
                }
                for (turn, &family) in group.families.iter().enumerate() {
                    if !self.selection.takes(3, &family.to_string()) {
                        continue;
                    }
                    let path = format!("{}/{}/{number}/{family}", proof.op, group.name);
                    let place = Place { group, case, family, path };
                    let first = number == 0 && turn == 0;
                    self.check_case(gpu, &place, first, findings).await?;
                }
            }
        }
        Ok(())
    }

    async fn check_case(
        &self,
        gpu: &Gpu,
        place: &Place<'_>,
        first: bool,
        findings: &mut Findings,
    ) -> Result<(), DeviceError> {
        let Place { group, case, family, path } = place;
        // A quick look runs few cases in every form: each takes a pipeline more.
        let forms = if first || self.level > Level::Quick {
            all_forms(case, gpu.traits())
        } else {
            unchecked_forms(case, gpu.traits())
        };
        let check = Check::new(case, *family, group.operands);
        let judged = check.run(gpu, &forms, self.fault).await?;
        if forms.iter().any(|form| form.checks == Checks::Checked) {
            let differs = judged.iter().any(|(_, r)| matches!(r, Err(Wrong::OtherBits(..))));
            findings.without_checks.add((!differs).then_some(0.0));
        }
        for (form, result) in judged {
            let variant = variant(case, form);
            match result {
                Ok(worst) => findings.add_case(case.op.name(), &variant, Some(worst)),
                Err(wrong) => {
                    findings.add_case(case.op.name(), &variant, None);
                    findings.fail(failure_of(case, form, variant, &wrong, path));
                }
            }
        }
        Ok(())
    }

    async fn check_step(
        &self,
        gpu: &Gpu,
        preset: Preset,
        batch: usize,
        findings: &mut Findings,
    ) -> Result<(), StepError> {
        let channels = if preset == Preset::Dcgan64 { 3 } else { 1 };
        let options = options(preset, channels, batch, 7);
        let plan_options = PlanOptions { fault: self.fault, ..PlanOptions::default() };
        let mut apart = Step::new(gpu, options.clone(), plan_options).await?;
        for kernel in apart.check_kernels().await? {
            findings.add_step_kernel(preset, batch, &kernel);
        }
        // One submission of all kernels must leave what they leave one by one.
        let expected = apart.words().await?;
        for _ in 0..2 {
            let mut whole = Step::new(gpu, options.clone(), plan_options).await?;
            whole.plan.run(&whole.training.phases()).await?;
            let found = whole.words().await?;
            let differs = expected.iter().find(|(name, words)| found.get(*name) != Some(*words));
            findings.add_step_run(preset, batch, differs.map(|(name, _)| name.as_str()));
        }
        Ok(())
    }

    fn check_selection(&self) -> Result<(), UnknownSelection> {
        let unknown = |there: Vec<String>| {
            let asked = self.selection.to_string();
            Err(UnknownSelection { asked, there })
        };
        let Some(root) = self.selection.part(0) else { return Ok(()) };
        let names: Vec<String> = match root {
            "traps" => Vec::new(),
            "law" => Law::ALL.iter().map(|law| law.name().to_owned()).collect(),
            "step" => Preset::all().iter().map(|preset| preset.name().to_owned()).collect(),
            op => match self.proofs.iter().find(|proof| proof.op == op) {
                Some(proof) => return self.check_case_selection(proof),
                None => {
                    let mut there: Vec<String> =
                        Op::KERNELS.iter().map(ToString::to_string).collect();
                    there.extend(["law", "step", "traps"].map(str::to_owned));
                    return unknown(there);
                }
            },
        };
        match self.selection.0.as_slice() {
            [_] => Ok(()),
            [_, name] if names.contains(name) => Ok(()),
            [_, _] => unknown(names),
            _ => unknown(Vec::new()),
        }
    }

    fn check_case_selection(&self, proof: &Proof) -> Result<(), UnknownSelection> {
        let unknown = |there: Vec<String>| {
            let asked = self.selection.to_string();
            Err(UnknownSelection { asked, there })
        };
        let Some(name) = self.selection.part(1) else { return Ok(()) };
        let Some(group) = proof.groups.iter().find(|group| group.name == name) else {
            return unknown(proof.groups.iter().map(|group| group.name.to_owned()).collect());
        };
        let Some(number) = self.selection.part(2) else { return Ok(()) };
        if !number.parse::<usize>().is_ok_and(|number| number < group.cases.len()) {
            return unknown(vec![format!("cases 0 to {}", group.cases.len() - 1)]);
        }
        let Some(family) = self.selection.part(3) else { return Ok(()) };
        let families: Vec<String> = group.families.iter().map(Family::to_string).collect();
        if !families.iter().any(|name| name == family) {
            return unknown(families);
        }
        if self.selection.0.len() > 4 { unknown(Vec::new()) } else { Ok(()) }
    }
}

/// A case among the checks.
struct Place<'a> {
    group: &'a Group,
    case: &'a OpCase,
    family: Family,
    path: String,
}

fn failure_of(case: &OpCase, form: Form, variant: String, wrong: &Wrong, path: &str) -> Failure {
    Failure {
        op: case.op.name().to_owned(),
        case: case.to_string(),
        variant,
        form: form.to_string(),
        wrong: wrong.to_string(),
        only: path.to_owned(),
    }
}

impl Selection {
    fn part(&self, place: usize) -> Option<&str> {
        self.0.get(place).map(String::as_str)
    }

    /// Whether it leaves open what is at this place of the path, or names it.
    fn takes(&self, place: usize, name: &str) -> bool {
        self.part(place).is_none_or(|part| part == name)
    }
}

impl FromStr for Selection {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split('/').filter(|part| !part.is_empty());
        Ok(Self(parts.map(str::to_owned).collect()))
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}
