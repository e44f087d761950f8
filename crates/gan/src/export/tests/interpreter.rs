//! ONNX's operators by their definitions, as plain loops in f64: a second opinion on what a model
//! means.

use super::super::onnx::messages::{Attribute, FLOAT, Graph, INT64, Node, Tensor};
use std::collections::HashMap;

/// A tensor in the order of rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f64>,
}

impl Array {
    /// The element at (sample, channel, row, column) of images.
    fn pixel(&self, [n, c, y, x]: [usize; 4]) -> f64 {
        self.values[((n * self.shape[1] + c) * self.shape[2] + y) * self.shape[3] + x]
    }

    fn map(&self, function: impl Fn(f64) -> f64) -> Self {
        Self {
            shape: self.shape.clone(),
            values: self.values.iter().map(|&x| function(x)).collect(),
        }
    }
}

/// What a graph of one input and one output makes of it.
pub(super) fn run(graph: &Graph, input: Array) -> Array {
    let mut arrays: HashMap<&str, Array> =
        graph.initializer.iter().map(|tensor| (tensor.name.as_str(), array(tensor))).collect();
    arrays.insert(&graph.input[0].name, input);
    for node in &graph.node {
        let inputs: Vec<&Array> = node.input.iter().map(|name| &arrays[name.as_str()]).collect();
        let output = apply(node, &inputs);
        arrays.insert(&node.output[0], output);
    }
    arrays[graph.output[0].name.as_str()].clone()
}

fn array(tensor: &Tensor) -> Array {
    let values = match tensor.data_type {
        FLOAT => {
            let (words, _) = tensor.raw_data.as_chunks::<4>();
            words.iter().map(|word| f64::from(f32::from_le_bytes(*word))).collect()
        }
        INT64 => {
            let (words, _) = tensor.raw_data.as_chunks::<8>();
            words.iter().map(|word| i64::from_le_bytes(*word) as f64).collect()
        }
        other => panic!("no type {other} is written"),
    };
    Array { shape: tensor.dims.iter().map(|&extent| extent as usize).collect(), values }
}

fn apply(node: &Node, inputs: &[&Array]) -> Array {
    let attribute = |name: &str| node.attribute.iter().find(|attribute| attribute.name == name);
    let float = |name| f64::from(attribute(name).and_then(|found: &Attribute| found.f).unwrap());
    let x = inputs[0];
    match node.op_type.as_str() {
        "Gemm" => {
            assert_eq!(attribute("transB").unwrap().i, Some(1));
            gemm(x, inputs[1], inputs.get(2).copied())
        }
        "Conv" => conv(x, inputs[1], inputs.get(2).copied(), &Sliding::new(node)),
        "ConvTranspose" => {
            conv_transpose(x, inputs[1], inputs.get(2).copied(), &Sliding::new(node))
        }
        "BatchNormalization" => batch_normalization(inputs, float("epsilon")),
        "LeakyRelu" => {
            let alpha = float("alpha");
            x.map(|x| if x < 0.0 { alpha * x } else { x })
        }
        "Relu" => x.map(|x| x.max(0.0)),
        "Tanh" => x.map(f64::tanh),
        "Flatten" => {
            assert_eq!(attribute("axis").unwrap().i, Some(1));
            let shape = vec![x.shape[0], x.shape[1..].iter().product()];
            Array { shape, values: x.values.clone() }
        }
        "Reshape" => {
            let extent = |(axis, &extent): (usize, &f64)| match extent as usize {
                0 => x.shape[axis],
                extent => extent,
            };
            let shape: Vec<usize> = inputs[1].values.iter().enumerate().map(extent).collect();
            assert_eq!(shape.iter().product::<usize>(), x.values.len());
            Array { shape, values: x.values.clone() }
        }
        other => panic!("no {other} is written"),
    }
}

/// x · wᵀ + b: x is (N, inputs), w (outputs, inputs).
fn gemm(x: &Array, w: &Array, b: Option<&Array>) -> Array {
    let [samples, inputs, outputs] = [x.shape[0], x.shape[1], w.shape[0]];
    assert_eq!(w.shape[1], inputs);
    let mut values = Vec::new();
    for n in 0..samples {
        for o in 0..outputs {
            let products = (0..inputs).map(|i| x.values[n * inputs + i] * w.values[o * inputs + i]);
            values.push(products.sum::<f64>() + b.map_or(0.0, |b| b.values[o]));
        }
    }
    Array { shape: vec![samples, outputs], values }
}

/// (x - mean) / √(variance + ε) · scale + shift, by the second axis.
fn batch_normalization(inputs: &[&Array], epsilon: f64) -> Array {
    let &[x, scale, shift, mean, variance] = inputs else { panic!("five inputs are needed") };
    let (channels, inner) = (x.shape[1], x.shape[2..].iter().product::<usize>());
    let mut y = x.clone();
    for (place, value) in y.values.iter_mut().enumerate() {
        let c = place / inner % channels;
        let normal = (*value - mean.values[c]) / (variance.values[c] + epsilon).sqrt();
        *value = normal * scale.values[c] + shift.values[c];
    }
    y
}

/// The attributes of a convolution.
struct Sliding {
    kernel: [usize; 2],
    strides: [usize; 2],
    /// Top, left, bottom, right.
    pads: [usize; 4],
    output_padding: [usize; 2],
}

impl Sliding {
    fn new(node: &Node) -> Self {
        let find = |name: &str| -> Vec<usize> {
            let found = node.attribute.iter().find(|attribute| attribute.name == name);
            found.map_or(vec![0; 2], |found| found.ints.iter().map(|&i| i as usize).collect())
        };
        Self {
            kernel: find("kernel_shape").try_into().unwrap(),
            strides: find("strides").try_into().unwrap(),
            pads: find("pads").try_into().unwrap(),
            output_padding: find("output_padding").try_into().unwrap(),
        }
    }
}

/// y[p, q] = Σ x[p·s + ky - top, q·t + kx - left] · w[ky, kx] + b: w is (outputs, inputs, kh, kw).
fn conv(x: &Array, w: &Array, b: Option<&Array>, sliding: &Sliding) -> Array {
    let Sliding { kernel: [kh, kw], strides, pads: [top, left, bottom, right], .. } = *sliding;
    let [samples, inputs, height, width] = x.shape[..].try_into().unwrap();
    let outputs = w.shape[0];
    assert_eq!(w.shape[1..], [inputs, kh, kw]);
    let [rows, columns] = [
        (height + top + bottom - kh) / strides[0] + 1,
        (width + left + right - kw) / strides[1] + 1,
    ];
    let mut values = vec![0.0; samples * outputs * rows * columns];
    for (place, value) in values.iter_mut().enumerate() {
        let [q, p] = [place % columns, place / columns % rows];
        let [o, n] = [place / columns / rows % outputs, place / columns / rows / outputs];
        *value = b.map_or(0.0, |b| b.values[o]);
        for c in 0..inputs {
            for ky in 0..kh {
                for kx in 0..kw {
                    let [y, z] = [p * strides[0] + ky, q * strides[1] + kx];
                    let inside =
                        (top..top + height).contains(&y) && (left..left + width).contains(&z);
                    if inside {
                        *value += x.pixel([n, c, y - top, z - left]) * w.pixel([o, c, ky, kx]);
                    }
                }
            }
        }
    }
    Array { shape: vec![samples, outputs, rows, columns], values }
}

/// Each x[p, q] is spread over y[p·s + ky - top, q·t + kx - left]: w is (inputs, outputs, kh, kw),
/// and an output padding adds rows below and columns to the right.
fn conv_transpose(x: &Array, w: &Array, b: Option<&Array>, sliding: &Sliding) -> Array {
    let Sliding { kernel: [kh, kw], strides, pads, output_padding } = *sliding;
    let [top, left, bottom, right] = pads;
    let [samples, inputs, rows, columns] = x.shape[..].try_into().unwrap();
    let outputs = w.shape[1];
    assert_eq!([w.shape[0], w.shape[2], w.shape[3]], [inputs, kh, kw]);
    let height = strides[0] * (rows - 1) + kh + output_padding[0] - top - bottom;
    let width = strides[1] * (columns - 1) + kw + output_padding[1] - left - right;
    let mut values: Vec<f64> = (0..samples * outputs * height * width)
        .map(|place| b.map_or(0.0, |b| b.values[place / width / height % outputs]))
        .collect();
    for n in 0..samples {
        for [c, p, q] in places([inputs, rows, columns]) {
            let x = x.pixel([n, c, p, q]);
            for [o, ky, kx] in places([outputs, kh, kw]) {
                let [y, z] = [p * strides[0] + ky, q * strides[1] + kx];
                let inside = (top..top + height).contains(&y) && (left..left + width).contains(&z);
                if inside {
                    let row = (n * outputs + o) * height + y - top;
                    values[row * width + z - left] += x * w.pixel([c, o, ky, kx]);
                }
            }
        }
    }
    Array { shape: vec![samples, outputs, height, width], values }
}

fn places([a, b, c]: [usize; 3]) -> impl Iterator<Item = [usize; 3]> {
    (0..a * b * c).map(move |place| [place / c / b, place / c % b, place % c])
}
