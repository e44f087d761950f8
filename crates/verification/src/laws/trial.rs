//! A law on operands of one shape: kernels to run, and what must hold of what they leave.

use super::LawCase;
use crate::{
    Expected, Family, Form, OpCase, Outcome, RunError, check::by_rule, compare::coordinates,
    expect, op_case::Lie, proof::fill, run, tolerance::Allowed, unchecked_forms, verify,
};
use cpu_reference::Values;
use graph::{DType, Op, TensorType};
use tensor_ops::{DeviceError, Fault, Gpu, PlanError};

/// A law on operands of one shape.
pub(super) struct Trial {
    /// What is run, in order.
    pub(super) jobs: Vec<Job>,
    /// What must hold of what it leaves, or what was found instead.
    pub(super) holds: fn(&[Done]) -> Result<(), String>,
}

/// One kernel.
pub(super) struct Job {
    pub(super) case: OpCase,
    pub(super) operands: Vec<Operand>,
}

/// Where an operand comes from.
pub(super) enum Operand {
    Given(Values<f64>),
    /// A result of an earlier job.
    Made {
        job: usize,
        target: usize,
    },
}

/// A job that was run.
pub(super) struct Done {
    pub(super) case: OpCase,
    pub(super) operands: Vec<Values<f64>>,
    pub(super) outcome: Outcome,
}

impl Job {
    /// An op on operands of a family, as far as they are not given.
    pub(super) fn filled(case: OpCase, family: Family, given: Vec<Values<f64>>) -> Self {
        let rest = case.inputs().into_iter().enumerate().skip(given.len());
        let rest: Vec<_> = rest.map(|(place, ty)| fill(family, &ty, place)).collect();
        Self { operands: given.into_iter().chain(rest).map(Operand::Given).collect(), case }
    }
}

impl Done {
    /// A result's numbers.
    pub(super) fn numbers(&self, target: usize) -> Vec<f64> {
        self.outcome.targets[target].iter().map(|&bits| f64::from(f32::from_bits(bits))).collect()
    }

    /// How far each number of a result may be from the reference; for a norm, of each channel.
    pub(super) fn allowed(&self, target: usize) -> Vec<f64> {
        match &expect(&self.case, &self.operands)[target] {
            Expected::Reals(_, Allowed::Each(allowed) | Allowed::ChannelNorm(allowed)) => {
                allowed.clone()
            }
            Expected::Words(words) => vec![0.0; words.len()],
        }
    }

    /// The type of the first result.
    pub(super) fn ty(&self) -> TensorType {
        let graph = self.case.graph(Lie::InBuffers);
        let result = graph.outputs().first().expect("no law is about ops that only work in place");
        graph.ty(*result).clone()
    }

    /// The extents of the first result.
    pub(super) fn dims(&self) -> Vec<usize> {
        self.ty().shape.dims().to_vec()
    }

    /// Whether it is what the reference has.
    fn is_right(&self) -> bool {
        verify(&self.case, &self.outcome, &expect(&self.case, &self.operands)).is_ok()
    }
}

impl Trial {
    /// Runs it in each form that makes a difference to one of its kernels.
    pub(super) async fn run(
        self,
        gpu: &Gpu,
        fault: Option<Fault>,
        cases: &mut Vec<LawCase>,
    ) -> Result<(), DeviceError> {
        let forms = self.jobs.iter().map(|job| {
            let traits = gpu.traits();
            by_rule(&job.case, traits, unchecked_forms(&job.case, traits))
        });
        let forms = forms.max_by_key(Vec::len).unwrap_or_default();
        for form in forms {
            cases.push(self.in_form(gpu, form, fault).await?);
        }
        Ok(())
    }

    /// Of kernels that disagree the one is blamed that the reference disagrees with too.
    async fn in_form(
        &self,
        gpu: &Gpu,
        form: Form,
        fault: Option<Fault>,
    ) -> Result<LawCase, DeviceError> {
        let mut kernels: Vec<String> = self.jobs.iter().map(|job| words(&job.case)).collect();
        kernels.dedup();
        let case = format!("{}, {form}", kernels.join("; "));
        let mut done: Vec<Done> = Vec::new();
        for Job { case: of_job, operands } in &self.jobs {
            let operands: Vec<Values<f64>> =
                operands.iter().map(|operand| operand.values(&done)).collect();
            let outcome = match run(gpu, of_job, &operands, form, fault).await {
                Ok(outcome) => outcome,
                Err(RunError::Plan(PlanError::Device(error))) => return Err(error),
                Err(error) => {
                    return Ok(LawCase {
                        op: of_job.op.name(),
                        case,
                        result: Err(error.to_string()),
                    });
                }
            };
            done.push(Done { case: of_job.clone(), operands, outcome });
        }
        let result = (self.holds)(&done);
        let wrong = if result.is_err() { done.iter().find(|done| !done.is_right()) } else { None };
        Ok(LawCase { op: wrong.unwrap_or(&done[0]).case.op.name(), case, result })
    }
}

/// A kernel in a few words.
fn words(case: &OpCase) -> String {
    let mut words = case.op.name().to_owned();
    for ty in &case.operands {
        words += &format!(" {ty}");
    }
    if let Some(shape) = &case.result {
        words += &format!(" {shape}");
    }
    match &case.op {
        Op::Conv2d { window } | Op::ConvTranspose2d { window, .. } => {
            words + &format!(" ({window})")
        }
        Op::Conv2dGradWeight { window } => words + &format!(" ({window})"),
        _ => words,
    }
}

impl Operand {
    /// Its elements, once the jobs that it comes from are done.
    pub(super) fn values(&self, done: &[Done]) -> Values<f64> {
        match *self {
            Self::Given(ref values) => values.clone(),
            Self::Made { job, target } => Values::Real(done[job].numbers(target)),
        }
    }
}

/// Each number is the expected one; else the first that is not, with its coordinates.
pub(super) fn equal(dims: &[usize], found: &[f64], expected: &[f64]) -> Result<(), String> {
    close(dims, found, expected, &vec![0.0; found.len()])
}

/// Each number is within what is allowed of the expected one, which a NaN never is.
pub(super) fn close(
    dims: &[usize],
    found: &[f64],
    expected: &[f64],
    allowed: &[f64],
) -> Result<(), String> {
    assert!(found.len() == expected.len() && found.len() == allowed.len(), "of one length");
    for place in 0..found.len() {
        let (found, expected, allowed) = (found[place], expected[place], allowed[place]);
        if (found - expected).abs() <= allowed {
            continue;
        }
        let at = coordinates(place, dims);
        let within = if allowed > 0.0 { format!(" ± {allowed:e}") } else { String::new() };
        return Err(format!("at {at:?}: {found:e} where {expected:e}{within} is expected"));
    }
    Ok(())
}

/// The same bits. A NaN is wrong even if the other has it too, and so are words of poison.
pub(super) fn same_bits(ty: &TensorType, found: &[u32], expected: &[u32]) -> Result<(), String> {
    assert_eq!(found.len(), expected.len(), "of one length");
    let is_real = ty.dtype == DType::F32;
    let is_result = |word: u32| match is_real {
        true => !f32::from_bits(word).is_nan(),
        false => word != u32::MAX,
    };
    let mut pairs = found.iter().zip(expected).enumerate();
    match pairs.find(|&(_, (&found, &expected))| found != expected || !is_result(found)) {
        None => Ok(()),
        Some((place, (&found, &expected))) => {
            let at = coordinates(place, ty.shape.dims());
            let number = |word: u32| match is_real {
                true => format!("{:e} ({word:#010x})", f32::from_bits(word)),
                false => format!("{word:#010x}"),
            };
            Err(format!("at {at:?}: {} where the other has {}", number(found), number(expected)))
        }
    }
}
