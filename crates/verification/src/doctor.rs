//! All that is known of kernels, checked on one adapter.
//!
//! The work is in parts that do not depend on each other, so that a caller can deal them out to
//! devices of its own making, one a thread, and show how far they are.

mod selection;

pub use selection::{Selection, UnknownSelection};

use crate::{
    Check, Family, Form, Group, Law, Level, Lie, OpCase, Proof, Wrong,
    check::is_refusal,
    check::{all_forms, by_rule},
    faults::PlantedFault,
    forms_in_turn, proofs,
    report::{Failure, Findings},
    step::{Step, StepError, options},
    traps, unchecked_forms, variant,
};
use gan::{networks::Preset, options::TrainOptions, step::TrainingStep};
use graph::{Graph, Op};
use tensor_ops::{DeviceError, Fault, Gpu, PlanError, PlanOptions, Traits, Variant};

/// What is checked.
#[derive(Clone, Debug)]
pub struct Doctor {
    level: Level,
    selection: Selection,
    planted: Option<PlantedFault>,
    proofs: Vec<Proof>,
}

/// Which check of an op a check is.
#[derive(Clone, Copy)]
enum Look {
    /// The first of all.
    First,
    /// This one of its group.
    Turn(usize),
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

/// The presets whose step is checked: the level from which on, channels, batch.
const STEPS: [(Level, Preset, usize); 5] = [
    (Level::Quick, Preset::Dcgan28Small, 3),
    (Level::Full, Preset::Dcgan28Small, 8),
    (Level::Full, Preset::Dcgan28, 4),
    (Level::Full, Preset::Dcgan64, 2),
    (Level::Full, Preset::Dcgan, 3),
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
        planted: Option<PlantedFault>,
    ) -> Result<Self, UnknownSelection> {
        let level = if selection.0.len() > 1 { Level::Suite } else { level };
        let doctor = Self { level, selection, planted, proofs: proofs() };
        doctor.check_selection()?;
        Ok(doctor)
    }

    /// Whether the planted fault is in a kernel that is run on an adapter of these traits.
    pub fn meets_the_fault(&self, traits: Traits) -> bool {
        let Some(planted) = &self.planted else { return false };
        let touches = |graph: &Graph| {
            let quick = self.level == Level::Quick;
            let taken = |variant: &Variant| !quick || *variant == Variant::Registers;
            let mut others = traits.variants().filter(taken).map(|v| traits.with_variant(v));
            planted.touches(graph, traits) || others.any(|traits| planted.touches(graph, traits))
        };
        self.work().into_iter().any(|work| match work {
            Work::Traps => false,
            Work::Law(law) => law.ops().contains(&planted.fault.op),
            Work::Step(preset, batch) => step_graph(preset, batch).is_some_and(|g| touches(&g)),
            Work::Op(place) => self.proofs.get(place).is_some_and(|proof| {
                self.groups(proof)
                    .flat_map(|group| self.cases(group))
                    .any(|(_, case)| touches(&case.graph(Lie::InBuffers)))
            }),
        })
    }

    fn fault(&self) -> Option<Fault> {
        self.planted.map(|planted| planted.fault)
    }

    /// The parts of the work, the longest first.
    pub fn work(&self) -> Vec<Work> {
        let root = self.selection.part(0);
        let is = |name: &str| root.is_none_or(|root| root == name);
        let mut work = Vec::new();
        if is("step") {
            let chosen = STEPS.iter().filter(|(level, preset, batch)| {
                *level <= self.level
                    && self.selection.takes(1, preset.name())
                    && self.selection.takes(2, &batch.to_string())
            });
            work.extend(chosen.rev().map(|&(_, preset, batch)| Work::Step(preset, batch)));
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

    /// Does a part of the work on a device. `on_case` is told the path of each case before it runs.
    ///
    /// # Errors
    /// If the device fails; what was found until then is among the findings. What the device
    /// computes wrongly is a finding, not an error.
    pub async fn perform(
        &self,
        gpu: &Gpu,
        work: Work,
        findings: &mut Findings,
        on_case: &dyn Fn(&str),
    ) -> Result<(), DeviceError> {
        match work {
            Work::Traps => findings.traps = traps::find(gpu).await?,
            Work::Op(place) => {
                if let Some(proof) = self.proofs.get(place) {
                    self.check_op(gpu, proof, findings, on_case).await?;
                }
            }
            Work::Law(law) => {
                for case in law.check(gpu, self.fault()).await? {
                    findings.add_law(law, case);
                }
            }
            Work::Step(preset, batch) => {
                let checked = self.check_step(gpu, preset, batch, findings).await;
                checked.or_else(|error| match error {
                    StepError::Plan(PlanError::Device(error)) if !is_refusal(&error) => Err(error),
                    StepError::Plan(error) => {
                        findings.refuse_step(preset, batch, &error.to_string());
                        Ok(())
                    }
                    error => {
                        findings.fail_to_make_step(preset, batch, &error.to_string());
                        Ok(())
                    }
                })?;
            }
        }
        Ok(())
    }

    async fn check_op(
        &self,
        gpu: &Gpu,
        proof: &Proof,
        findings: &mut Findings,
        on_case: &dyn Fn(&str),
    ) -> Result<(), DeviceError> {
        let mut first = true;
        for group in self.groups(proof) {
            let mut turn = 0;
            for (number, case) in self.cases(group) {
                let taken = |family: &&Family| self.selection.takes(3, &family.to_string());
                for &family in group.families.iter().filter(taken) {
                    let path = format!("{}/{}/{number}/{family}", proof.op, group.name);
                    on_case(&path);
                    let place = Place { group, case, family, path };
                    let look = if first { Look::First } else { Look::Turn(turn) };
                    self.check_case(gpu, &place, look, findings).await?;
                    turn += 1;
                    first = false;
                }
            }
        }
        Ok(())
    }

    fn groups<'a>(&'a self, proof: &'a Proof) -> impl Iterator<Item = &'a Group> {
        proof
            .groups
            .iter()
            .filter(|group| group.level <= self.level && self.selection.takes(1, group.name))
    }

    /// The cases of a group by their numbers.
    fn cases<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = (usize, &'a OpCase)> {
        let all = group.cases.iter().enumerate();
        all.filter(|(number, _)| self.selection.takes(2, &number.to_string()))
    }

    async fn check_case(
        &self,
        gpu: &Gpu,
        place: &Place<'_>,
        look: Look,
        findings: &mut Findings,
    ) -> Result<(), DeviceError> {
        let Place { group, case, family, path } = place;
        // Each form takes a pipeline more. A quick look leaves out the variants that only measuring
        // chooses, as that checks them, and runs but one case of each op with bounds checks.
        let forms = match look {
            Look::First if self.level > Level::Quick => all_forms(case, gpu.traits()),
            Look::First => by_rule(case, gpu.traits(), all_forms(case, gpu.traits())),
            Look::Turn(turn) if self.level > Level::Quick => {
                forms_in_turn(case, gpu.traits(), group, turn)
            }
            Look::Turn(_) => by_rule(case, gpu.traits(), unchecked_forms(case, gpu.traits())),
        };
        let check = Check::new(case, *family, group.operands);
        let compared = check.run(gpu, &forms, self.fault()).await?;
        for same in compared.same_without_checks {
            findings.without_checks.add(same.then_some(0.0));
        }
        for (form, result) in compared.forms {
            let variant = variant(case, form);
            match result {
                Ok(worst) => findings.add_case(case.op.name(), &variant, Some(worst)),
                Err(Wrong::Refused(why)) => {
                    findings.refuse_case(case.op.name(), &variant, path, &why.to_string());
                }
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
        let options = step_options(preset, batch);
        let plan_options = PlanOptions { fault: self.fault(), ..PlanOptions::default() };
        let mut apart = Step::new(gpu, options.clone(), plan_options.clone()).await?;
        for kernel in apart.check_kernels().await? {
            findings.add_step_kernel(preset, batch, &kernel);
        }
        // One submission of all kernels must leave what they leave one by one.
        let expected = apart.words().await?;
        for _ in 0..2 {
            let mut whole = Step::new(gpu, options.clone(), plan_options.clone()).await?;
            whole.plan.run(&whole.training.phases()).await?;
            let found = whole.words().await?;
            let differs = expected.iter().find(|(name, words)| found.get(*name) != Some(*words));
            findings.add_step_run(preset, batch, differs.map(|(name, _)| name.as_str()));
        }
        Ok(())
    }

    fn check_selection(&self) -> Result<(), UnknownSelection> {
        let unknown = |there| Err(self.selection.is_none_of(there));
        let Some(root) = self.selection.part(0) else { return Ok(()) };
        let names: Vec<String> = match root {
            "traps" => Vec::new(),
            "law" => Law::ALL.iter().map(|law| law.name().to_owned()).collect(),
            "step" => STEPS.iter().map(|(_, preset, _)| preset.name().to_owned()).collect(),
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
        let batches = |name: &str| -> Vec<String> {
            let of_preset = STEPS.iter().filter(|(_, preset, _)| preset.name() == name);
            of_preset.map(|(_, _, batch)| batch.to_string()).collect()
        };
        match self.selection.0.as_slice() {
            [_] => Ok(()),
            [_, name, ..] if !names.contains(name) => unknown(names),
            [_, _] => Ok(()),
            [_, name, batch] if batches(name).contains(batch) => Ok(()),
            [_, name, ..] => unknown(batches(name)),
            [] => Ok(()),
        }
    }

    fn check_case_selection(&self, proof: &Proof) -> Result<(), UnknownSelection> {
        let unknown = |there| Err(self.selection.is_none_of(there));
        let Some(name) = self.selection.part(1) else { return Ok(()) };
        let Some(group) = proof.groups.iter().find(|group| group.name == name) else {
            return unknown(proof.groups.iter().map(|group| group.name.to_owned()).collect());
        };
        let Some(number) = self.selection.part(2) else { return Ok(()) };
        if !number.parse::<usize>().is_ok_and(|number| number < group.cases.len()) {
            let cases = (0..group.cases.len()).map(|number| number.to_string());
            return unknown(cases.collect());
        }
        let Some(family) = self.selection.part(3) else { return Ok(()) };
        let families: Vec<String> = group.families.iter().map(Family::to_string).collect();
        if !families.iter().any(|name| name == family) {
            return unknown(families);
        }
        if self.selection.0.len() > 4 { unknown(Vec::new()) } else { Ok(()) }
    }
}

fn step_options(preset: Preset, batch: usize) -> TrainOptions {
    match preset {
        Preset::Dcgan28 | Preset::Dcgan28Small => options(preset, 1, batch, 7),
        Preset::Dcgan64 => options(preset, 3, batch, 7),
        // One axis is halved once more than the other, from an odd extent.
        Preset::Dcgan => {
            TrainOptions { size: Some([20, 36]), width: Some(8), ..options(preset, 4, batch, 7) }
        }
    }
}

fn step_graph(preset: Preset, batch: usize) -> Option<Graph> {
    let options = step_options(preset, batch);
    let networks = options.networks().ok()?;
    Some(TrainingStep::new(&networks, &options).ok()?.graph)
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

#[cfg(test)]
mod tests;
