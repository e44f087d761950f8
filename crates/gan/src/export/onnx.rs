//! A network as an ONNX model: one operator a layer, with PyTorch's names and layouts, which are
//! ONNX's too.

pub(super) mod messages;

use super::{Export, NetworkKind, OPSET, in_words};
use crate::{
    networks::{Form, Layer, SampleShape},
    parameters::{Layout, Role, Slot},
};
use graph::{Padding, Window};
use messages::{
    Attribute, AttributeKind, Dimension, Extent, FLOAT, Graph, INT64, IR_VERSION, Model, Node,
    OperatorSet, Property, Shape, Tensor, TensorType, Type, ValueInfo,
};
use prost::Message;

/// The name of the axis that counts samples.
const BATCH: &str = "batch";

/// The model's bytes.
pub(super) fn encode(export: &Export<'_>) -> Vec<u8> {
    let network = &export.network;
    let (input, output) = match export.origin.network {
        NetworkKind::Generator => ("z", "image"),
        NetworkKind::Discriminator => ("image", "logit"),
    };
    let mut builder = Builder::new(export, input);
    // Latent vectors are lists for every preset, and images of one pixel inside of some.
    let mut taken = network.input();
    if taken.form == Form::Image && [taken.height, taken.width] == [1, 1] {
        builder.reshape("latent", taken);
        taken = SampleShape::features(taken.channels);
    }
    for (index, (layer, _, sample)) in network.layers().enumerate() {
        builder.layer(index, layer, sample);
    }
    let mut nodes = builder.nodes;
    if let Some(last) = nodes.last_mut() {
        last.output = vec![output.to_owned()];
    }
    let graph = Graph {
        node: nodes,
        name: export.origin.network.name().to_owned(),
        initializer: builder.constants,
        input: vec![value(input, taken)],
        output: vec![value(output, network.output())],
    };
    let model = Model {
        ir_version: IR_VERSION,
        opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
        producer_name: "ganvas".to_owned(),
        producer_version: export.origin.ganvas.to_owned(),
        graph: Some(graph),
        metadata_props: properties(export),
    };
    model.encode_to_vec()
}

/// Where the model comes from.
fn properties(export: &Export<'_>) -> Vec<Property> {
    let origin = &export.origin;
    let kimg = |images: u64| (images as f64 / 1000.0).to_string();
    let entries = [
        ("preset", Some(origin.options.label())),
        ("weights", origin.weights.map(|weights| weights.name().to_owned())),
        ("step", origin.step.map(|step| step.to_string())),
        ("kimg", origin.images.map(kimg)),
        // Of weights from elsewhere nothing but the networks is known.
        ("seed", origin.step.map(|_| origin.options.seed.to_string())),
    ];
    let property = |(key, value): (&str, Option<String>)| {
        Some(Property { key: key.to_owned(), value: value? })
    };
    entries.into_iter().filter_map(property).collect()
}

/// Operators and constants as they come.
struct Builder<'a> {
    export: &'a Export<'a>,
    parameters: Layout,
    statistics: Layout,
    /// The tensor that the next operator takes.
    x: String,
    nodes: Vec<Node>,
    constants: Vec<Tensor>,
}

impl<'a> Builder<'a> {
    fn new(export: &'a Export<'a>, input: &str) -> Self {
        Self {
            export,
            parameters: Layout::parameters(&export.network),
            statistics: Layout::statistics(&export.network),
            x: input.to_owned(),
            nodes: Vec::new(),
            constants: Vec::new(),
        }
    }

    fn layer(&mut self, index: usize, layer: &Layer, output: SampleShape) {
        let name = format!("main.{index}");
        let (operator, roles, attributes): (_, &[Role], _) = match *layer {
            // PyTorch's weight is (outputs, inputs), the transpose of a factor.
            Layer::Dense { .. } => ("Gemm", &[Role::Weight, Role::Bias], vec![int("transB", 1)]),
            Layer::Conv2d { window, .. } => ("Conv", &[Role::Weight, Role::Bias], sliding(window)),
            Layer::ConvTranspose2d { window, output_padding, .. } => {
                let mut attributes = sliding(window);
                attributes.push(ints("output_padding", &output_padding));
                ("ConvTranspose", &[Role::Weight, Role::Bias], attributes)
            }
            Layer::BatchNorm { epsilon, .. } => (
                "BatchNormalization",
                &[Role::Scale, Role::Shift, Role::RunningMean, Role::RunningVariance],
                vec![float("epsilon", epsilon)],
            ),
            Layer::LeakyRelu { slope } => ("LeakyRelu", &[], vec![float("alpha", slope)]),
            Layer::Relu => ("Relu", &[], vec![]),
            Layer::Tanh => ("Tanh", &[], vec![]),
            Layer::Flatten => ("Flatten", &[], vec![int("axis", 1)]),
            Layer::Reshape { .. } => return self.reshape(&name, output),
            // It drops nothing outside of training.
            Layer::Dropout { .. } => return,
        };
        let mut inputs = vec![self.x.clone()];
        for &role in roles {
            inputs.extend(self.parameter(index, role));
        }
        self.push(operator, name, inputs, attributes);
    }

    /// The name of a layer's parameter or statistic, made a constant, if the layer has it.
    fn parameter(&mut self, layer: usize, role: Role) -> Option<String> {
        let (layout, values) = match role.is_trainable() {
            true => (&self.parameters, self.export.numbers.parameters),
            false => (&self.statistics, self.export.numbers.statistics),
        };
        let slot: &Slot = layout.of_layer(layer).find(|slot| slot.role == role)?;
        let values = slot.border.to_pytorch(&values[slot.range()]);
        self.constants.push(Tensor {
            dims: integers(slot.border.shape()),
            data_type: FLOAT,
            name: slot.name.clone(),
            raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        });
        Some(slot.name.clone())
    }

    /// As many samples, of another shape.
    fn reshape(&mut self, name: &str, sample: SampleShape) {
        // 0 stands for the extent that is there.
        let mut extents = vec![0];
        extents.extend(integers(&sample_extents(sample)));
        let shape = format!("{name}.shape");
        self.constants.push(Tensor {
            dims: vec![extents.len() as i64],
            data_type: INT64,
            name: shape.clone(),
            raw_data: extents.iter().flat_map(|extent| extent.to_le_bytes()).collect(),
        });
        self.push("Reshape", name.to_owned(), vec![self.x.clone(), shape], vec![]);
    }

    fn push(
        &mut self,
        operator: &str,
        name: String,
        input: Vec<String>,
        attribute: Vec<Attribute>,
    ) {
        self.x.clone_from(&name);
        let (op_type, output) = (operator.to_owned(), vec![name.clone()]);
        self.nodes.push(Node { input, output, name, op_type, attribute });
    }
}

/// What a convolution and its adjoint have in common.
fn sliding(window: Window) -> Vec<Attribute> {
    let Padding { top, bottom, left, right } = window.padding;
    vec![
        ints("kernel_shape", &window.kernel),
        ints("strides", &window.stride),
        ints("pads", &[top, left, bottom, right]),
    ]
}

/// A batch of samples under a name.
fn value(name: &str, sample: SampleShape) -> ValueInfo {
    let batch = Dimension { value: Some(Extent::Named(BATCH.to_owned())) };
    let fixed = |extent| Dimension { value: Some(Extent::Fixed(extent)) };
    let extents = integers(&sample_extents(sample)).into_iter().map(fixed);
    let shape = Shape { dim: std::iter::once(batch).chain(extents).collect() };
    let tensor_type = Some(TensorType { elem_type: FLOAT, shape: Some(shape) });
    ValueInfo {
        name: name.to_owned(),
        r#type: Some(Type { tensor_type }),
        doc_string: in_words(sample).to_owned(),
    }
}

/// One sample's extents in PyTorch and ONNX.
fn sample_extents(sample: SampleShape) -> Vec<usize> {
    match sample.form {
        Form::Image => vec![sample.channels, sample.height, sample.width],
        Form::Features => vec![sample.elements()],
    }
}

fn integers(extents: &[usize]) -> Vec<i64> {
    extents.iter().map(|&extent| extent as i64).collect()
}

fn float(name: &str, value: f32) -> Attribute {
    let r#type = AttributeKind::Float as i32;
    Attribute { name: name.to_owned(), f: Some(value), i: None, ints: vec![], r#type }
}

fn int(name: &str, value: i64) -> Attribute {
    let r#type = AttributeKind::Int as i32;
    Attribute { name: name.to_owned(), f: None, i: Some(value), ints: vec![], r#type }
}

fn ints(name: &str, values: &[usize]) -> Attribute {
    let r#type = AttributeKind::Ints as i32;
    Attribute { name: name.to_owned(), f: None, i: None, ints: integers(values), r#type }
}
