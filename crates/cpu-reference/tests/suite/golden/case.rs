//! `tests/golden/ops.safetensors`: what PyTorch computed of each op, in the layouts of memory.

use cpu_reference::{Real, Values};
use graph::{DType, Graph, Op, Padding, Shape, TensorType, Window, scalars};
use safetensors::SafeTensors;
use serde::Deserialize;

const FILE: &[u8] = include_bytes!("../../../../../tests/golden/ops.safetensors");

/// An op, and what PyTorch made of operands in one step or more.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) op: Op,
    /// What computed the results.
    pub(crate) reference: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) gradient: Option<Gradient>,
    /// Whether batch norm normalises by what [`Op::BatchNormStatistics`] makes of its operand.
    pub(crate) of_the_batch: bool,
}

/// One application of an op.
#[derive(Clone)]
pub(crate) struct Step {
    /// `None`: changed in place by the step before, and taken from there.
    pub(crate) operands: Vec<Option<Golden>>,
    /// In the order of [`cpu_reference::evaluate`].
    pub(crate) results: Vec<Golden>,
    pub(crate) scalars: Vec<u32>,
}

/// What torch.autograd made of a case's first step.
#[derive(Clone)]
pub(crate) struct Gradient {
    /// One for each result.
    pub(crate) seeds: Vec<Golden>,
    /// Of each operand, `None` where there is nothing to compare.
    pub(crate) gradients: Vec<Option<Golden>>,
}

/// A tensor in the order of memory.
#[derive(Clone)]
pub(crate) struct Golden {
    pub(crate) ty: TensorType,
    pub(crate) values: Vec<f64>,
}

impl Golden {
    /// As an op's operand.
    pub(crate) fn operand<T: Real>(&self) -> Values<T> {
        match self.ty.dtype {
            DType::F32 => Values::Real(self.values.iter().map(|&x| T::from_f64(x)).collect()),
            DType::U32 => Values::U32(self.values.iter().map(|&x| x as u32).collect()),
            DType::U8 => Values::U8(self.values.iter().map(|&x| x as u8).collect()),
        }
    }
}

/// Every case of the file.
pub(crate) fn cases() -> Vec<Case> {
    let (_, header) = SafeTensors::read_metadata(FILE).unwrap();
    let metadata = header.metadata().as_ref().unwrap();
    let file: Metadata = serde_json::from_str(&metadata["ganvas_golden"]).unwrap();
    assert!(!file.torch.is_empty());
    let tensors = SafeTensors::deserialize(FILE).unwrap();
    file.cases.into_iter().map(|case| case.read(&tensors)).collect()
}

#[derive(Deserialize)]
struct Metadata {
    torch: String,
    cases: Vec<ListedCase>,
}

#[derive(Deserialize)]
struct ListedCase {
    op: String,
    name: String,
    reference: String,
    attributes: Attributes,
    steps: Vec<ListedStep>,
    gradient: Option<ListedGradient>,
}

#[derive(Deserialize)]
struct ListedStep {
    operands: Vec<Option<Entry>>,
    results: Vec<Entry>,
}

#[derive(Deserialize)]
struct ListedGradient {
    seeds: Vec<Entry>,
    gradients: Vec<Option<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    tensor: String,
    layout: Layout,
}

/// How a tensor of the file lies in PyTorch.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Layout {
    Plain,
    Images,
    Window,
    Dense,
    Words,
    Bytes,
}

/// Those of every op; a case has those of its own.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Attributes {
    value: f32,
    factor: f32,
    offset: f32,
    slope: f32,
    target: f32,
    rate: f32,
    epsilon: f32,
    momentum: f32,
    learning_rate: f64,
    beta1: f64,
    beta2: f64,
    count: usize,
    axes: Vec<usize>,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 4],
    output_padding: [usize; 2],
    statistics: String,
    stream: u32,
    first_block: u32,
    seed_low: u32,
    seed_high: u32,
    step: u32,
    first_sample: u32,
}

impl ListedCase {
    fn read(self, tensors: &SafeTensors<'_>) -> Case {
        let read = |entry: &Entry| entry.read(tensors);
        let steps = self.steps.iter().zip(1..).map(|(step, number)| Step {
            operands: step.operands.iter().map(|entry| entry.as_ref().map(read)).collect(),
            results: step.results.iter().map(read).collect(),
            scalars: self.attributes.scalars(number),
        });
        let steps: Vec<Step> = steps.collect();
        let gradient = self.gradient.as_ref().map(|gradient| Gradient {
            seeds: gradient.seeds.iter().map(read).collect(),
            gradients: gradient.gradients.iter().map(|entry| entry.as_ref().map(read)).collect(),
        });
        let op = self.attributes.op(&self.op, steps[0].results[0].ty.shape.dims());
        let of_the_batch = self.attributes.statistics == "of the batch";
        let Self { name, reference, .. } = self;
        Case { name, op, reference, steps, gradient, of_the_batch }
    }
}

impl Attributes {
    /// `result` are the extents of the first result.
    fn op(&self, name: &str, result: &[usize]) -> Op {
        let axes = || {
            let first = self.axes[0];
            first..first + self.axes.len()
        };
        let [top, bottom, left, right] = self.padding;
        let padding = Padding { top, bottom, left, right };
        let window = Window { kernel: self.kernel, stride: self.stride, padding };
        let Self { epsilon, target, slope, stream, first_block, .. } = *self;
        let [step_size, correction, rate] = scalar_ids();
        match name {
            "fill" => Op::Fill { value: self.value },
            "copy" => Op::Copy,
            "accumulate" => Op::Accumulate,
            "add" => Op::Add,
            "multiply" => Op::Multiply,
            "scale" => Op::Scale { factor: self.factor, offset: self.offset },
            "reciprocal" => Op::Reciprocal,
            "square_root" => Op::SquareRoot,
            "bias" => Op::Bias,
            "sum" => Op::Sum { axes: axes() },
            "broadcast" => Op::Broadcast { axes: axes(), sizes: result[axes()].to_vec() },
            "leaky_relu" => Op::LeakyRelu { slope },
            "leaky_relu_grad" => Op::LeakyReluGrad { slope },
            "tanh" => Op::Tanh,
            "tanh_grad" => Op::TanhGrad,
            "sigmoid" => Op::Sigmoid,
            "sigmoid_grad" => Op::SigmoidGrad,
            "dropout" => Op::Dropout { rate: self.rate, stream },
            "bce_with_logits" => Op::BceWithLogits { target },
            "bce_with_logits_grad" => Op::BceWithLogitsGrad { target },
            "philox_bits" => Op::PhiloxBits { stream, first_block },
            "normal" => Op::Normal { stream },
            "scale_pixels" => Op::ScalePixels,
            "dense" => Op::Dense,
            "dense_grad_input" => Op::DenseGradInput,
            "dense_grad_weight" => Op::DenseGradWeight,
            "conv2d" => Op::Conv2d { window },
            "conv_transpose2d" => {
                Op::ConvTranspose2d { window, output_padding: self.output_padding }
            }
            "conv2d_grad_weight" => Op::Conv2dGradWeight { window },
            "batch_norm_statistics" => Op::BatchNormStatistics,
            "batch_norm" => Op::BatchNorm { epsilon },
            "batch_norm_grad_gamma_beta" => Op::BatchNormGradGammaBeta { epsilon },
            "batch_norm_grad_input" => Op::BatchNormGradInput { epsilon },
            "batch_norm_running" => {
                Op::BatchNormRunning { momentum: self.momentum, count: self.count }
            }
            "adam" => Op::Adam {
                first_rate: (1.0 - self.beta1) as f32,
                second_rate: (1.0 - self.beta2) as f32,
                epsilon,
                step_size,
                correction,
            },
            "ema" => Op::Ema { rate },
            other => panic!("a golden of `{other}`, which is no op"),
        }
    }

    /// The bits of every scalar at a step, counted from 1.
    fn scalars(&self, step: i32) -> Vec<u32> {
        let mut bits = vec![0; 7];
        let step_size = self.learning_rate / (1.0 - self.beta1.powi(step));
        let correction = 1.0 / (1.0 - self.beta2.powi(step)).sqrt();
        let reals = [step_size as f32, correction as f32, self.rate];
        for (id, value) in scalar_ids().into_iter().zip(reals) {
            bits[id.index()] = value.to_bits();
        }
        bits[scalars::SEED_LOW.index()] = self.seed_low;
        bits[scalars::SEED_HIGH.index()] = self.seed_high;
        bits[scalars::STEP.index()] = self.step;
        bits[scalars::FIRST_SAMPLE.index()] = self.first_sample;
        bits
    }
}

/// Adam's step size and correction, and the average's rate.
fn scalar_ids() -> [graph::ScalarId; 3] {
    let mut graph = Graph::new("scalars");
    ["step_size", "correction", "rate"].map(|name| graph.scalar(name))
}

impl Entry {
    fn read(&self, tensors: &SafeTensors<'_>) -> Golden {
        let tensor = tensors.tensor(&self.tensor).unwrap();
        assert_eq!(tensor.dtype(), safetensors::Dtype::F64, "{}", self.tensor);
        let number = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().unwrap());
        let values: Vec<f64> = tensor.data().chunks_exact(8).map(number).collect();
        let (dtype, axes): (_, &[usize]) = match self.layout {
            Layout::Plain => (DType::F32, &[]),
            Layout::Images => (DType::F32, &[0, 2, 3, 1]),
            Layout::Window => (DType::F32, &[2, 3, 1, 0]),
            Layout::Dense => (DType::F32, &[1, 0]),
            Layout::Words => (DType::U32, &[]),
            Layout::Bytes => (DType::U8, &[]),
        };
        let plain: Vec<usize> = (0..tensor.shape().len()).collect();
        let axes = if axes.is_empty() { &plain } else { axes };
        let (dims, values) = permuted(&values, tensor.shape(), axes);
        Golden { ty: TensorType { dtype, shape: Shape::new(&dims) }, values }
    }
}

/// The extents and elements when axis `axes[i]` becomes axis i.
fn permuted(values: &[f64], dims: &[usize], axes: &[usize]) -> (Vec<usize>, Vec<f64>) {
    let to: Vec<usize> = axes.iter().map(|&axis| dims[axis]).collect();
    let stride = |axis: usize| dims[axis + 1..].iter().product::<usize>();
    let from = |element: usize| {
        let mut rest = element;
        axes.iter().zip(&to).rev().fold(0, |place, (&axis, &extent)| {
            let at = rest % extent;
            rest /= extent;
            place + at * stride(axis)
        })
    };
    let moved = (0..values.len()).map(|element| values[from(element)]).collect();
    (to, moved)
}

#[test]
fn layouts_by_hand() {
    let count: Vec<f64> = (0..6).map(f64::from).collect();
    let (dims, values) = permuted(&count, &[2, 3], &[1, 0]);
    assert_eq!((dims, values), (vec![3, 2], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]));
    let (dims, values) = permuted(&count, &[1, 2, 1, 3], &[0, 2, 3, 1]);
    assert_eq!((dims, values), (vec![1, 1, 3, 2], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]));
    let (dims, values) = permuted(&count, &[3, 2, 1, 1], &[2, 3, 1, 0]);
    assert_eq!((dims, values), (vec![1, 1, 2, 3], vec![0.0, 2.0, 4.0, 1.0, 3.0, 5.0]));
}
