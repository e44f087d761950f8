//! What was measured, as `ganvas bench --json` writes it. `docs/bench.md` explains every field.

use crate::{
    ceilings::{Ceilings, clock_name},
    kernels::LayerKernel,
    step::{CompiledStep, Workload},
    stopwatch::Measured,
    work::Work,
};
use serde::{Deserialize, Serialize};
use tensor_ops::{Adapter, Gpu};

/// The number of this form of the file; another one may have other fields.
pub const FORMAT: u32 = 1;

/// What stands in a [`KernelRow`] for the preset of the square product.
pub const PRODUCT: &str = "product";

/// All that was measured on an adapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: u32,
    /// Ganvas's version.
    pub ganvas: String,
    /// The operating system.
    pub os: String,
    /// The processor's instruction set.
    pub architecture: String,
    /// Logical cores of the host.
    pub host_cores: usize,
    /// When it began, in seconds since 1970.
    pub unix_seconds: u64,
    /// How long it took.
    pub seconds: f64,
    /// The adapter.
    pub adapter: AdapterRow,
    /// What it can do at most.
    pub ceilings: Ceilings,
    /// Every different kernel of each training step, in the order of their first use.
    pub kernels: Vec<KernelRow>,
    /// Whole training steps.
    pub steps: Vec<StepRow>,
}

/// An adapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdapterRow {
    /// The driver's name for it.
    pub name: String,
    /// What sort of device it is.
    pub kind: String,
    /// Vulkan, Metal or DX12.
    pub backend: String,
    /// The driver and its version.
    pub driver: String,
    /// The vendor's and the device's number.
    pub ids: [u32; 2],
    /// The least and the greatest width of a subgroup.
    pub subgroup_sizes: [u32; 2],
    /// Whether it has timestamps.
    pub timestamps: bool,
}

/// One kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelRow {
    /// The preset that it is of, or [`PRODUCT`].
    pub preset: String,
    /// Images in a step, or the rows of the product.
    pub batch: usize,
    /// The phase that runs the first of them.
    pub phase: String,
    /// Where in the networks the first of them belongs.
    pub scope: String,
    /// The op.
    pub op: String,
    /// The ops of its epilogue.
    pub fused: Vec<String>,
    /// Operands, results and window.
    pub shapes: String,
    /// How many of them a step runs.
    pub count: usize,
    /// The shader of each of its dispatches: the op, and which of its variants.
    pub variants: Vec<String>,
    /// Floating-point operations.
    pub flop: u64,
    /// The least bytes.
    pub bytes: u64,
    /// How long one takes.
    #[serde(flatten)]
    pub time: TimeRow,
    /// 10⁹ operations a second.
    pub gflops: f64,
    /// 10⁹ of the least bytes a second.
    pub gigabytes_per_second: f64,
    /// Operations a byte.
    pub intensity: f64,
    /// What the roofline allows over what it took, of 1.
    pub roofline_share: f64,
}

/// A whole training step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRow {
    /// The preset.
    pub preset: String,
    /// Images in it.
    pub batch: usize,
    /// Dispatches in it.
    pub dispatches: usize,
    /// Floating-point operations.
    pub flop: u64,
    /// The least bytes, kernel by kernel.
    pub bytes: u64,
    /// How long it takes.
    #[serde(flatten)]
    pub time: TimeRow,
    /// Images a second.
    pub images_per_second: f64,
    /// 10⁹ operations a second.
    pub gflops: f64,
}

/// How long something took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeRow {
    /// The median of the samples: seconds of one repetition.
    pub seconds: f64,
    /// Each sample: the mean of its repetitions.
    pub samples: Vec<f64>,
    /// How often the work was done in each sample.
    pub repetitions: u32,
    /// `timestamps` or `host`.
    pub clock: String,
}

impl AdapterRow {
    /// Of an adapter and the device that it opened.
    pub fn new(adapter: &Adapter, gpu: &Gpu) -> Self {
        let (least, greatest) = adapter.subgroup_sizes();
        Self {
            name: adapter.name().to_owned(),
            kind: adapter.kind().to_string(),
            backend: adapter.backend().to_owned(),
            driver: adapter.driver(),
            ids: adapter.ids(),
            subgroup_sizes: [least, greatest],
            timestamps: gpu.has_timestamps(),
        }
    }
}

impl KernelRow {
    /// A kernel that was measured, of a preset's step at this batch or of [`PRODUCT`].
    pub fn new(
        preset: &str,
        batch: usize,
        kernel: &LayerKernel,
        variants: Vec<String>,
        measured: &Measured,
        ceilings: &Ceilings,
    ) -> Self {
        let Work { flop, bytes } = kernel.work;
        Self {
            preset: preset.to_owned(),
            batch,
            phase: kernel.phase.clone(),
            scope: kernel.scope.clone(),
            op: kernel.op.to_owned(),
            fused: kernel.fused.iter().map(|&op| op.to_owned()).collect(),
            shapes: kernel.shapes.clone(),
            count: kernel.count,
            variants,
            flop,
            bytes,
            time: TimeRow::new(measured),
            gflops: flop as f64 / measured.seconds * 1e-9,
            gigabytes_per_second: bytes as f64 / measured.seconds * 1e-9,
            intensity: kernel.work.intensity(),
            roofline_share: ceilings.share(kernel.work, measured.seconds),
        }
    }

    /// The op and its epilogue.
    pub fn name(&self) -> String {
        let ops = std::iter::once(&self.op).chain(&self.fused);
        ops.map(String::as_str).collect::<Vec<_>>().join(" + ")
    }
}

impl StepRow {
    /// A step that was measured.
    pub fn new(workload: Workload, step: &CompiledStep, measured: &Measured) -> Self {
        let Work { flop, bytes } = step.work();
        Self {
            preset: workload.preset.name().to_owned(),
            batch: workload.batch,
            dispatches: step.dispatches(),
            flop,
            bytes,
            time: TimeRow::new(measured),
            images_per_second: workload.batch as f64 / measured.seconds,
            gflops: flop as f64 / measured.seconds * 1e-9,
        }
    }
}

impl TimeRow {
    fn new(measured: &Measured) -> Self {
        Self {
            seconds: measured.seconds,
            samples: measured.samples.clone(),
            repetitions: measured.repetitions,
            clock: clock_name(measured.clock).to_owned(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
