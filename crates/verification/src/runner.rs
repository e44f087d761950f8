//! One case on the GPU, with poisoned results between guards.

use crate::op_case::{Built, Lie, MARGIN, OpCase, Placed};
use cpu_reference::Values;
use graph::StorageId;
use tensor_ops::{
    Checks, DeviceError, FAULT_GUARD_BYTES, Fault, Gpu, Plan, PlanError, PlanOptions, Traits,
};

/// One of the forms in which a plan can hold a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Whether shaders are compiled with wgpu's checks.
    pub checks: Checks,
    /// What kernels are chosen by.
    pub traits: Traits,
    /// Where operands and results lie.
    pub lie: Lie,
}

impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.checks {
            Checks::Checked => "with bounds checks",
            Checks::Unchecked => "without bounds checks",
        })?;
        match self.traits.subgroup_width {
            Some(width) => write!(f, ", subgroups of {width}")?,
            None => f.write_str(", no subgroups")?,
        }
        if let Some(variant) = self.traits.variant {
            write!(f, ", {variant}")?;
        }
        f.write_str(match self.lie {
            Lie::InBuffers => ", in buffers of its own",
            Lie::InStorage => ", inside larger storage",
        })
    }
}

impl Form {
    /// What training uses on this adapter.
    pub fn of(gpu: &Gpu) -> Self {
        Self { checks: Checks::Unchecked, traits: gpu.traits(), lie: Lie::InBuffers }
    }
}

/// What a case left in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The words of each result, then of each operand that was changed in place.
    pub targets: Vec<Vec<u32>>,
}

/// Bytes behind each buffer that nothing may touch, though kernels could.
const GUARD_BYTES: u64 = FAULT_GUARD_BYTES;

/// Runs a case on these operands: those of the op, then the bias. A fault may be planted in it.
///
/// # Errors
/// [`RunError::Touched`] if the kernel touches what it must not; or if the device refuses or fails.
pub async fn run(
    gpu: &Gpu,
    case: &OpCase,
    operands: &[Values<f64>],
    form: Form,
    fault: Option<Fault>,
) -> Result<Outcome, RunError> {
    let built = case.build(form.lie);
    let options = PlanOptions {
        checks: form.checks,
        guard_bytes: GUARD_BYTES,
        traits: Some(form.traits),
        fault,
        ..PlanOptions::default()
    };
    let mut plan = Plan::compile_with(gpu, &built.graph, options).await?;
    debug_assert_eq!(plan.kernels(built.phase).len(), 1, "{case}: one kernel");
    let run = Run { case, built: &built };
    run.prepare(&mut plan, operands);
    plan.run(&[built.phase]).await.map_err(PlanError::from)?;
    run.finish(&plan, operands).await
}

/// A run that gave no result to compare.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The kernel touched what it must not.
    #[error(transparent)]
    Touched(#[from] Violation),
    /// The device refused the case, or failed.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl From<DeviceError> for RunError {
    fn from(error: DeviceError) -> Self {
        Self::Plan(error.into())
    }
}

/// What a kernel touched that it must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Bytes behind a tensor's buffer.
    #[error("written past the end of a tensor")]
    PastTheEnd,
    /// Bytes behind scratch memory.
    #[error("written past the end of scratch memory")]
    PastTheScratch,
    /// Elements of the storage around a view.
    #[error("written beside a view")]
    BesideTheView,
    /// An operand, by its position, that the op only reads.
    #[error("operand {0} was changed")]
    OperandChanged(usize),
}

struct Run<'a> {
    case: &'a OpCase,
    built: &'a Built,
}

impl Run<'_> {
    fn prepare(&self, plan: &mut Plan, operands: &[Values<f64>]) {
        for (&id, &bits) in self.built.scalars.iter().zip(&self.case.scalars) {
            plan.set_scalar(id, bits);
        }
        for (placed, values) in self.built.operands.iter().zip(operands) {
            match placed.storage {
                Some(storage) => {
                    plan.write_storage(storage, &with_margins(storage, &reals(values)));
                }
                None => {
                    plan.poison(placed.tensor);
                    plan.write_input(placed.tensor, &bytes(values));
                }
            }
        }
        for placed in &self.built.results {
            match placed.storage {
                Some(storage) => {
                    let elements = self.built.graph.shape(placed.tensor).elements();
                    let poison = vec![f32::NAN; elements];
                    plan.write_storage(storage, &with_margins(storage, &poison));
                }
                None => plan.poison(placed.tensor),
            }
        }
        plan.poison_scratch();
    }

    async fn finish(&self, plan: &Plan, operands: &[Values<f64>]) -> Result<Outcome, RunError> {
        if !plan.scratch_guards_hold().await? {
            return Err(Violation::PastTheScratch.into());
        }
        let in_place = self.case.op.in_place_operands();
        let mut targets = Vec::new();
        for placed in &self.built.results {
            targets.push(self.read(plan, placed).await?);
        }
        for (place, (placed, values)) in self.built.operands.iter().zip(operands).enumerate() {
            let found = self.read(plan, placed).await?;
            if in_place.contains(&place) {
                targets.push(found);
            } else if found != words(&bytes(values)) {
                return Err(Violation::OperandChanged(place).into());
            }
        }
        Ok(Outcome { targets })
    }

    /// A tensor's words, after a look at what surrounds it.
    async fn read(&self, plan: &Plan, placed: &Placed) -> Result<Vec<u32>, RunError> {
        let elements = self.built.graph.shape(placed.tensor).elements();
        let Some(storage) = placed.storage else {
            if !plan.guard_holds(placed.tensor).await? {
                return Err(Violation::PastTheEnd.into());
            }
            return Ok(words(&plan.read_bytes(placed.tensor).await?));
        };
        let whole = plan.read_storage(storage).await?;
        let view = MARGIN..MARGIN + elements;
        let expected = with_margins(storage, &whole[view.clone()]);
        // The rest of the last 16 bytes is bound with the tensor, and still not its own.
        let mut places = whole.iter().zip(&expected).enumerate();
        if places.any(|(place, (found, kept))| !view.contains(&place) && found != kept) {
            return Err(Violation::BesideTheView.into());
        }
        Ok(whole[view].iter().map(|value| value.to_bits()).collect())
    }
}

/// Values between margins that differ from place to place and from storage to storage, so that one
/// copied onto another is seen.
fn with_margins(storage: StorageId, values: &[f32]) -> Vec<f32> {
    let margin = |place: usize| 0.25 + (1024 * storage.index() + place) as f32;
    let behind = values.len().next_multiple_of(4) - values.len() + MARGIN;
    let before = (0..MARGIN).map(margin);
    let behind = (MARGIN..MARGIN + behind).map(margin);
    before.chain(values.iter().copied()).chain(behind).collect()
}

/// The f32 elements, of which the f64 ones are copies.
fn reals(values: &Values<f64>) -> Vec<f32> {
    values.real().iter().map(|&value| value as f32).collect()
}

fn bytes(values: &Values<f64>) -> Vec<u8> {
    match values {
        Values::Real(_) => bytemuck::cast_slice(&reals(values)).to_vec(),
        Values::U32(words) => bytemuck::cast_slice(words).to_vec(),
        Values::U8(bytes) => bytes.clone(),
    }
}

/// Little-endian words, the last one filled up with zeros.
fn words(bytes: &[u8]) -> Vec<u32> {
    let word =
        |chunk: &[u8]| chunk.iter().rev().fold(0, |word, &byte| (word << 8) | u32::from(byte));
    bytes.chunks(4).map(word).collect()
}

#[cfg(test)]
mod tests;
