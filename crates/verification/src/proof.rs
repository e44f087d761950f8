//! What proves a kernel: one row of a table.

use crate::{Family, OpCase, laws::Law};
use cpu_reference::Values;
use graph::{DType, TensorType};

/// Everything that proves one kernel. Each field is a cell of the table in `docs/verification.md`,
/// so that what is missing is seen.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The op's name.
    pub op: &'static str,
    /// How the reference itself is known to be right.
    pub reference: Reference,
    /// How the op's gradient is known to be right.
    pub gradient: Gradient,
    /// What holds of it on an adapter, whatever the reference says.
    pub laws: &'static [Law],
    /// Cases that are compared with the reference.
    pub groups: Vec<Group>,
}

/// What the f64 reference of an op is checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Numbers that PyTorch computed, in `tests/golden`.
    PyTorch,
    /// Numbers that were published: where.
    Published(&'static str),
    /// Its definition is one line of code: why nothing else is needed.
    Definition(&'static str),
}

/// How an op's gradient is checked in the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gradient {
    /// By central differences in f64, and its own gradient too.
    Twice,
    /// By central differences in f64.
    Once,
    /// It has none: why.
    None(&'static str),
}

/// How thorough a run must be to include a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Seconds: small and odd shapes, at most 3 images, each variant of each kernel.
    Quick,
    /// Minutes: every family, the presets' layers, the limits.
    Full,
    /// The repository's tests: whole batches too.
    Suite,
}

/// Cases of one kind.
#[derive(Clone, Debug)]
pub struct Group {
    /// What they have in common.
    pub name: &'static str,
    /// Who runs them.
    pub level: Level,
    /// The cases.
    pub cases: Vec<OpCase>,
    /// What their operands are filled with, one after the other.
    pub families: Vec<Family>,
    /// How operands come from a family.
    pub operands: Operands,
}

/// How the operands of a case come from a family of numbers.
#[derive(Clone, Copy, Debug)]
pub enum Operands {
    /// As the family has them.
    Plain,
    /// Each number mapped to one on which the op is defined, by the operand's position.
    Mapped(fn(usize, f32) -> f32),
    /// By a function of the op's own.
    Made(fn(&OpCase, Family) -> Vec<Values<f64>>),
}

/// The seed of all operands.
pub(crate) const SEED: u64 = 20_260_101;

impl Proof {
    /// A row without cases.
    pub fn new(op: &'static str, reference: Reference, gradient: Gradient) -> Self {
        Self { op, reference, gradient, laws: &[], groups: Vec::new() }
    }

    /// Adds the laws.
    #[must_use]
    pub fn laws(mut self, laws: &'static [Law]) -> Self {
        self.laws = laws;
        self
    }

    /// Adds a group.
    #[must_use]
    pub fn group(
        mut self,
        name: &'static str,
        level: Level,
        cases: impl IntoIterator<Item = OpCase>,
        families: impl IntoIterator<Item = Family>,
    ) -> Self {
        self.groups.push(Group {
            name,
            level,
            cases: cases.into_iter().collect(),
            families: families.into_iter().collect(),
            operands: Operands::Plain,
        });
        self
    }

    /// Makes the operands of the groups since the last such call in this way.
    #[must_use]
    pub fn on(mut self, operands: Operands) -> Self {
        let plain = |group: &&mut Group| matches!(group.operands, Operands::Plain);
        for group in self.groups.iter_mut().filter(plain) {
            group.operands = operands;
        }
        self
    }

    /// Every case of every group.
    pub fn cases(&self) -> impl Iterator<Item = &OpCase> {
        self.groups.iter().flat_map(|group| &group.cases)
    }
}

impl Operands {
    /// The operands of a case: those of the op, then the bias.
    pub fn of(self, case: &OpCase, family: Family) -> Vec<Values<f64>> {
        if let Self::Made(make) = self {
            return make(case, family);
        }
        let operand = |(place, ty): (usize, &TensorType)| match (self, fill(family, ty, place)) {
            (Self::Mapped(map), Values::Real(values)) => {
                let mapped = values.into_iter().map(|value| map(place, value as f32).into());
                Values::Real(mapped.collect())
            }
            (_, values) => values,
        };
        case.inputs().iter().enumerate().map(operand).collect()
    }
}

/// The operand at this position, of f32 or of bytes.
pub(crate) fn fill(family: Family, ty: &TensorType, place: usize) -> Values<f64> {
    match ty.dtype {
        DType::F32 => Values::from_f32(&family.fill(&ty.shape, place, SEED)),
        DType::U8 => Values::U8((0..ty.bytes()).map(|byte| (byte * 37 % 256) as u8).collect()),
        DType::U32 => unreachable!("no op reads words"),
    }
}
