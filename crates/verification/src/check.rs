//! One case on the adapter, in every form, against the reference.

use crate::{
    Expected, Family, Form, Group, Mismatch, OpCase, Outcome,
    compare::compare,
    op_case::{Lie, target_name},
    proof::Operands,
    reference::expect_kernel,
    runner::{RunError, Violation, run},
    tolerance::Allowed,
};
use cpu_reference::Values;
use graph::Schedule;
use tensor_ops::{Checks, DeviceError, Fault, Gpu, PlanError, Traits, Variant, shaders_of};

/// A case with its operands and what the reference makes of them.
pub struct Check<'a> {
    case: &'a OpCase,
    operands: Vec<Values<f64>>,
    expected: Vec<Expected>,
}

/// What is wrong with a result.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Wrong {
    /// A result, or an operand that is changed in place, differs.
    #[error("{0} {1}")]
    Value(&'static str, Mismatch),
    /// Every element is within what is allowed, but not the bits of the first form.
    #[error("the {1} has other bits than {0}: {3:#010x} at word {2}, where that has {4:#010x}")]
    OtherBits(Form, &'static str, usize, u32, u32),
    /// The kernel touched what it must not.
    #[error(transparent)]
    Touched(Violation),
    /// The adapter's limits do not allow the case: nothing is known of it.
    #[error("refused: {0}")]
    Refused(PlanError),
}

impl From<RunError> for Wrong {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Touched(violation) => Self::Touched(violation),
            RunError::Plan(error) => Self::Refused(error),
        }
    }
}

/// How one form of a case compared: the worst error over what is allowed, or what is wrong.
pub type Judged = (Form, Result<f64, Wrong>);

/// How a case compared.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Each form.
    pub forms: Vec<Judged>,
    /// For each two forms that differ in bounds checks alone, whether they gave the same bits, right
    /// or wrong.
    pub same_without_checks: Vec<bool>,
}

impl<'a> Check<'a> {
    /// A case on operands of a family: bit for bit where its numbers and the op allow.
    ///
    /// # Panics
    /// If the case's op does not take its operands.
    pub fn new(case: &'a OpCase, family: Family, operands: Operands) -> Self {
        let mut check = Self::of(case, operands.of(case, family));
        let plain = !matches!(operands, Operands::Made(_));
        if plain && family.is_exact() && case.op.is_multilinear() {
            check.expected = check.expected.into_iter().map(exactly).collect();
        }
        check
    }

    /// A case on operands of a caller's own: those of the op, then the bias.
    ///
    /// # Panics
    /// As [`Check::new`].
    pub fn of(case: &'a OpCase, operands: Vec<Values<f64>>) -> Self {
        let expected = expect(case, &operands);
        Self { case, operands, expected }
    }

    /// Compares each form. The forms must give the same bits.
    ///
    /// # Errors
    /// If the device fails; a case that it refuses is [`Wrong::Refused`].
    pub async fn run(
        &self,
        gpu: &Gpu,
        forms: &[Form],
        fault: Option<Fault>,
    ) -> Result<Compared, DeviceError> {
        let mut outcomes = Vec::new();
        for &form in forms {
            let outcome = run(gpu, self.case, &self.operands, form, fault).await;
            if let Err(RunError::Plan(PlanError::Device(error))) = &outcome
                && !is_refusal(error)
            {
                return Err(error.clone());
            }
            outcomes.push((form, outcome));
        }
        let same_without_checks = same_without_checks(&outcomes);
        Ok(Compared { forms: judge(self.case, &self.expected, outcomes), same_without_checks })
    }
}

/// Whether the device lives, and has no room for what was asked.
pub(crate) fn is_refusal(error: &DeviceError) -> bool {
    matches!(error, DeviceError::OutOfMemory { .. })
}

fn same_without_checks(outcomes: &[(Form, Result<Outcome, RunError>)]) -> Vec<bool> {
    let of = |checks| outcomes.iter().filter(move |(form, _)| form.checks == checks);
    let mut same = Vec::new();
    for (unchecked, without) in of(Checks::Unchecked) {
        let twin = Form { checks: Checks::Checked, ..*unchecked };
        for (_, with) in of(Checks::Checked).filter(|(form, _)| *form == twin) {
            if let (Ok(with), Ok(without)) = (with, without) {
                same.push(with == without);
            }
        }
    }
    same
}

/// Judges the outcome of each form.
fn judge(
    case: &OpCase,
    expected: &[Expected],
    outcomes: Vec<(Form, Result<Outcome, RunError>)>,
) -> Vec<Judged> {
    let mut first: Option<(Form, Outcome)> = None;
    let mut judged = Vec::new();
    for (form, outcome) in outcomes {
        let result = outcome.map_err(Wrong::from).and_then(|outcome| {
            let worst = verify(case, &outcome, expected).map_err(|(place, mismatch)| {
                Wrong::Value(target_name(&case.op, place), mismatch)
            })?;
            let (first_form, first) = first.get_or_insert_with(|| (form, outcome.clone()));
            same_bits(case, &outcome, *first_form, first)?;
            Ok(worst)
        });
        judged.push((form, result));
    }
    judged
}

fn same_bits(
    case: &OpCase,
    outcome: &Outcome,
    first_form: Form,
    first: &Outcome,
) -> Result<(), Wrong> {
    for (place, (found, expected)) in outcome.targets.iter().zip(&first.targets).enumerate() {
        let mut words = found.iter().zip(expected).enumerate();
        if let Some((word, (&found, &expected))) = words.find(|(_, (a, b))| a != b) {
            let target = target_name(&case.op, place);
            return Err(Wrong::OtherBits(first_form, target, word, found, expected));
        }
    }
    Ok(())
}

/// What the reference expects of a case: its results, then what it changes in place.
///
/// # Panics
/// If the operands do not fit.
pub fn expect(case: &OpCase, operands: &[Values<f64>]) -> Vec<Expected> {
    let graph = case.graph(Lie::InBuffers);
    let schedule = Schedule::new(&graph);
    let [kernel] = &schedule.phases[0][..] else { panic!("{case}: one kernel") };
    let targets = expect_kernel(&graph, kernel, operands, &case.scalars);
    targets.into_iter().map(|(_, expected)| expected).collect()
}

/// The worst error over what is allowed, or the target that differs and where.
///
/// # Errors
/// The first mismatch.
pub fn verify(
    case: &OpCase,
    outcome: &Outcome,
    expected: &[Expected],
) -> Result<f64, (usize, Mismatch)> {
    let graph = case.graph(Lie::InBuffers);
    let schedule = Schedule::new(&graph);
    let [kernel] = &schedule.phases[0][..] else { panic!("{case}: one kernel") };
    let node = graph.node(kernel.nodes[0]);
    let in_place = node.op.in_place_operands().iter().map(|&place| node.operands[place]);
    let targets: Vec<_> = kernel.results(&graph).iter().copied().chain(in_place).collect();
    assert!(targets.len() == expected.len() && targets.len() == outcome.targets.len());
    let mut worst: f64 = 0.0;
    for (place, (&target, found)) in targets.iter().zip(&outcome.targets).enumerate() {
        let ratio = compare(found, &expected[place], graph.shape(target));
        worst = worst.max(ratio.map_err(|mismatch| (place, mismatch))?);
    }
    Ok(worst)
}

fn exactly(expected: Expected) -> Expected {
    match expected {
        Expected::Reals(values, _) => {
            let allowed = vec![0.0; values.len()];
            Expected::Reals(values, Allowed::Each(allowed))
        }
        words => words,
    }
}

/// In every variant that this adapter can run, the one that it gets first: each unchecked.
pub fn unchecked_forms(case: &OpCase, traits: Traits) -> Vec<Form> {
    let of = |traits| Form { checks: Checks::Unchecked, traits, lie: Lie::InBuffers };
    kinds(case, traits).into_iter().map(of).collect()
}

/// Each of those checked and unchecked. With operands and results in storage the two extremes:
/// unchecked as this adapter gets it, checked as every adapter can run it.
pub(crate) fn all_forms(case: &OpCase, traits: Traits) -> Vec<Form> {
    let mut forms = Vec::new();
    for traits in kinds(case, traits) {
        for checks in [Checks::Unchecked, Checks::Checked] {
            forms.push(Form { checks, traits, lie: Lie::InBuffers });
        }
    }
    forms.push(Form { checks: Checks::Unchecked, traits, lie: Lie::InStorage });
    forms.push(Form {
        checks: Checks::Checked,
        traits: traits.with_variant(Variant::Registers),
        lie: Lie::InStorage,
    });
    forms
}

/// Of a case that is the `turn`th check of a group: as this adapter gets it, as every adapter can run
/// it, and in one of the other variants, which take turns; each checked and unchecked. A group of
/// fewer checks than there are variants goes through all of them.
pub fn forms_in_turn(case: &OpCase, traits: Traits, group: &Group, turn: usize) -> Vec<Form> {
    let others = others(case, traits);
    let mut forms = all_forms(case, traits);
    if group.cases.len() * group.families.len() >= Variant::ALL.len() && !others.is_empty() {
        let taken = others[turn % others.len()];
        forms.retain(|form| !others.contains(&form.traits) || form.traits == taken);
    }
    forms
}

/// As this adapter gets a case where nothing was measured, and as every adapter can run it: of
/// `forms` those.
pub(crate) fn by_rule(case: &OpCase, traits: Traits, mut forms: Vec<Form>) -> Vec<Form> {
    let others = others(case, traits);
    forms.retain(|form| !others.contains(&form.traits));
    forms
}

/// The variants that neither the rule takes nor every adapter can.
fn others(case: &OpCase, traits: Traits) -> Vec<Traits> {
    let registers = traits.with_variant(Variant::Registers);
    kinds(case, traits).into_iter().skip(1).filter(|kind| *kind != registers).collect()
}

fn kinds(case: &OpCase, traits: Traits) -> Vec<Traits> {
    let graph = case.graph(Lie::InBuffers);
    let mut kinds: Vec<Traits> = vec![traits];
    for other in traits.variants().map(|variant| traits.with_variant(variant)) {
        let shaders = shaders_of(&graph, other);
        if kinds.iter().all(|&kind| shaders_of(&graph, kind) != shaders) {
            kinds.push(other);
        }
    }
    kinds
}

/// The variant of a case's kernel that a form of it runs.
pub(crate) fn variant(case: &OpCase, form: Form) -> String {
    let shaders = shaders_of(&case.graph(form.lie), form.traits);
    shaders.into_iter().next().map(|shader| shader.variant).unwrap_or_default()
}

#[cfg(test)]
mod tests;
