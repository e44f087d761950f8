//! Cases of one kernel, and how near the limit their worst error came.

use crate::{
    Expected, Family, Form, Mismatch, OpCase, Outcome, compare::compare, counting, expect_kernel,
    gpu, op_case::Lie, run, tolerance::Allowed,
};
use cpu_reference::Values;
use graph::{DType, Op, Schedule, TensorType};
use tensor_ops::{Checks, Gpu, Traits, shaders_of};

/// Comparisons of one test. Dropped, it prints the worst error as a share of what is allowed.
pub struct Suite {
    name: &'static str,
    gpu: Option<&'static Gpu>,
    domain: fn(usize, f32) -> f32,
    cases: u64,
    worst: f64,
}

/// Adds to the number of GPU results compared.
pub fn count_cases(gpu: &Gpu, cases: u64) {
    counting::add(gpu.adapter(), cases);
}

impl Suite {
    /// A test of this name on the adapter under test.
    pub fn new(name: &'static str) -> Self {
        Self { name, gpu: gpu(), domain: |_, value| value, cases: 0, worst: 0.0 }
    }

    /// Maps each family's numbers to those that the op is defined on, by the operand's position.
    #[must_use]
    pub fn on(mut self, domain: fn(usize, f32) -> f32) -> Self {
        self.domain = domain;
        self
    }

    /// Compares each case on each family.
    ///
    /// # Panics
    /// At the first mismatch.
    pub fn check_all(&mut self, cases: &[OpCase], families: impl IntoIterator<Item = Family>) {
        for family in families {
            for case in cases {
                self.check(case, family);
            }
        }
    }

    /// Compares a case on operands of a family: bit for bit where its numbers and the op allow.
    ///
    /// # Panics
    /// At a mismatch.
    pub fn check(&mut self, case: &OpCase, family: Family) {
        const SEED: u64 = 20_260_101;
        let inputs = case.inputs();
        let fill = |(place, ty): (usize, &TensorType)| match ty.dtype {
            DType::F32 => {
                let values = family.fill(&ty.shape, place, SEED);
                let mapped: Vec<f32> =
                    values.into_iter().map(|value| (self.domain)(place, value)).collect();
                Values::from_f32(&mapped)
            }
            DType::U8 => Values::U8((0..ty.bytes()).map(|byte| (byte * 37 % 256) as u8).collect()),
            DType::U32 => unreachable!("no op reads words"),
        };
        let operands: Vec<Values<f64>> = inputs.iter().enumerate().map(fill).collect();
        let label = format!("{family:?} of seed {SEED}");
        self.check_values(case, &operands, &label, family.is_exact() && is_multilinear(&case.op));
    }

    /// Compares a case on operands of a caller's own (those of the op, then the bias); `label` says
    /// which.
    ///
    /// # Panics
    /// At a mismatch.
    pub fn check_on(&mut self, case: &OpCase, operands: &[Values<f64>], label: &str) {
        self.check_values(case, operands, label, false);
    }

    fn check_values(&mut self, case: &OpCase, operands: &[Values<f64>], label: &str, exact: bool) {
        let Some(gpu) = self.gpu else { return };
        let expected = expect(case, operands);
        let expected: Vec<Expected> =
            if exact { expected.into_iter().map(exactly).collect() } else { expected };
        let forms = forms(case, gpu.traits());
        let judged = judge(case, &expected, &forms, |form| run(gpu, case, operands, form));
        match judged {
            Ok(worst) => self.worst = self.worst.max(worst),
            Err(failure) => panic!("{case} on {label}, {failure}"),
        }
        self.cases += forms.len() as u64;
        count_cases(gpu, forms.len() as u64);
    }
}

/// How a form of a case fails.
#[derive(Debug)]
enum Failure {
    /// Its result is wrong, in this target.
    Wrong(Form, usize, Mismatch),
    /// Its result is within what is allowed, and has other bits than that of the first form.
    OtherBits(Form),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Wrong(form, target, mismatch) => {
                write!(f, "{form:?}: target {target} {mismatch}")
            }
            Self::OtherBits(form) => write!(f, "{form:?} gives other bits"),
        }
    }
}

/// The worst error over what is allowed of any form, all of which must give the same bits.
fn judge(
    case: &OpCase,
    expected: &[Expected],
    forms: &[Form],
    run: impl Fn(Form) -> Outcome,
) -> Result<f64, Failure> {
    let mut worst: f64 = 0.0;
    let mut first: Option<Outcome> = None;
    for &form in forms {
        let outcome = run(form);
        let ratio = verify(case, &outcome, expected);
        let wrong = |(target, mismatch)| Failure::Wrong(form, target, mismatch);
        worst = worst.max(ratio.map_err(wrong)?);
        match &first {
            None => first = Some(outcome),
            Some(first) if *first != outcome => return Err(Failure::OtherBits(form)),
            Some(_) => {}
        }
    }
    Ok(worst)
}

impl Drop for Suite {
    fn drop(&mut self) {
        let Self { name, cases, worst, .. } = self;
        let note = match *worst {
            worst if worst > 0.5 => " (too tight?)",
            worst if worst > 0.0 && worst < 0.01 => " (too loose?)",
            _ => "",
        };
        println!("{name}: {cases} cases, worst error {worst:.3} of what is allowed{note}");
    }
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

/// Whether an op only multiplies, adds and repeats.
fn is_multilinear(op: &Op) -> bool {
    matches!(
        op,
        Op::Copy
            | Op::Accumulate
            | Op::Add
            | Op::Multiply
            | Op::Bias
            | Op::Sum { .. }
            | Op::Broadcast { .. }
            | Op::Dense
            | Op::DenseGradInput
            | Op::DenseGradWeight
            | Op::Conv2d { .. }
            | Op::ConvTranspose2d { .. }
            | Op::Conv2dGradWeight { .. }
    )
}

/// Checked and unchecked, each as this adapter gets it and as one without subgroups does, where
/// that makes a difference. With operands and results in storage the two extremes do: unchecked as
/// this adapter gets it, checked as one without subgroups does.
fn forms(case: &OpCase, traits: Traits) -> Vec<Form> {
    let graph = case.graph(Lie::InBuffers);
    let plain = Traits { subgroup_width: None };
    let mut kinds = vec![traits];
    if shaders_of(&graph, traits) != shaders_of(&graph, plain) {
        kinds.push(plain);
    }
    let mut forms = Vec::new();
    for traits in kinds {
        for checks in [Checks::Unchecked, Checks::Checked] {
            forms.push(Form { checks, traits, lie: Lie::InBuffers });
        }
    }
    forms.push(Form { checks: Checks::Unchecked, traits, lie: Lie::InStorage });
    forms.push(Form { checks: Checks::Checked, traits: plain, lie: Lie::InStorage });
    forms
}

#[cfg(test)]
mod tests;
