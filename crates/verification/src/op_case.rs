//! An op on operands of given types, as a graph of one kernel.

use graph::{DType, Graph, Op, PhaseId, ScalarId, Shape, StorageId, TensorId, TensorType, scalars};

/// An op on operands of given types.
#[derive(Clone, Debug)]
pub struct OpCase {
    /// The op.
    pub op: Op,
    /// The types of its operands.
    pub operands: Vec<TensorType>,
    /// The result's shape, for an op without operands.
    pub result: Option<Shape>,
    /// Whether a bias is added behind it.
    pub bias: bool,
    /// The slope of a LeakyReLU behind it.
    pub leaky_relu: Option<f32>,
    /// The bits of the scalars: the four that every graph has, then up to two of the op's own.
    pub scalars: Vec<u32>,
}

/// Two scalars of an op's own, such as Adam's.
pub(crate) fn scalar_ids() -> [ScalarId; 2] {
    let mut graph = Graph::new("scalars");
    [graph.scalar("first"), graph.scalar("second")]
}

/// Where operands and results lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// In buffers of their own, but for what is changed in place.
    InBuffers,
    /// In storage, between other elements.
    InStorage,
}

/// Elements of storage before and behind a tensor: as many bytes as a planted fault may touch.
pub(crate) const MARGIN: usize = 64;

/// The graph of a case.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) graph: Graph,
    pub(crate) phase: PhaseId,
    pub(crate) operands: Vec<Placed>,
    pub(crate) results: Vec<Placed>,
    pub(crate) scalars: Vec<ScalarId>,
}

/// A tensor, and the storage that it lies in, if any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    pub(crate) tensor: TensorId,
    pub(crate) storage: Option<StorageId>,
}

impl OpCase {
    /// An op on f32 operands of these extents.
    pub fn new(op: Op, operands: &[&[usize]]) -> Self {
        let operands = operands.iter().map(|dims| TensorType::f32(dims)).collect();
        Self { operands, result: None, ..Self::source(op, &Shape::new(&[])) }
    }

    /// An op without operands.
    pub fn source(op: Op, result: &Shape) -> Self {
        let result = Some(result.clone());
        let scalars = vec![11, 22, 33, 44];
        Self { op, operands: Vec::new(), result, bias: false, leaky_relu: None, scalars }
    }

    /// Sets the scalars of the op's own.
    #[must_use]
    pub fn with_scalars(mut self, values: &[f32]) -> Self {
        self.scalars.extend(values.iter().map(|value| value.to_bits()));
        self
    }

    /// Adds a bias and a LeakyReLU behind the op.
    #[must_use]
    pub fn followed_by(mut self, bias: bool, leaky_relu: Option<f32>) -> Self {
        (self.bias, self.leaky_relu) = (bias, leaky_relu);
        self
    }

    /// The types of the op's operands, then of the bias.
    ///
    /// # Panics
    /// If the op does not take these operands.
    pub fn inputs(&self) -> Vec<TensorType> {
        let built = self.build(Lie::InBuffers);
        built.operands.iter().map(|placed| built.graph.ty(placed.tensor).clone()).collect()
    }

    /// The graph of this case.
    ///
    /// # Panics
    /// If the op does not take these operands.
    pub fn graph(&self, lie: Lie) -> Graph {
        self.build(lie).graph
    }

    pub(crate) fn build(&self, lie: Lie) -> Built {
        let mut graph = Graph::new("only");
        let mut ids =
            vec![scalars::SEED_LOW, scalars::SEED_HIGH, scalars::STEP, scalars::FIRST_SAMPLE];
        for extra in ids.len()..self.scalars.len() {
            ids.push(graph.scalar(&format!("scalar {extra}")));
        }
        let mut operands = Vec::new();
        for (place, ty) in self.operands.iter().enumerate() {
            let in_place = self.op.in_place_operands().contains(&place);
            let stored = ty.dtype == DType::F32 && (in_place || lie == Lie::InStorage);
            operands.push(operand(&mut graph, &format!("operand {place}"), ty, stored));
        }
        let tensors: Vec<TensorId> = operands.iter().map(|placed| placed.tensor).collect();
        let mut results = self.apply(&mut graph, &tensors);
        if self.bias {
            let ty = TensorType::f32(&[graph.shape(results[0]).channels()]);
            let bias = operand(&mut graph, "bias", &ty, lie == Lie::InStorage);
            operands.push(bias);
            results[0] = graph.bias(results[0], bias.tensor).unwrap();
        }
        if let Some(slope) = self.leaky_relu {
            results[0] = graph.leaky_relu(results[0], slope).unwrap();
        }
        let results = results.into_iter().enumerate().map(|(place, tensor)| {
            let ty = graph.ty(tensor).clone();
            if lie == Lie::InBuffers || ty.dtype != DType::F32 {
                graph.output(tensor);
                return Placed { tensor, storage: None };
            }
            let target = operand(&mut graph, &format!("result {place}"), &ty, true);
            graph.copy(tensor, target.tensor).unwrap();
            Placed { tensor, ..target }
        });
        let results = results.collect();
        Built { phase: graph.current_phase(), graph, operands, results, scalars: ids }
    }

    fn apply(&self, graph: &mut Graph, operands: &[TensorId]) -> Vec<TensorId> {
        let result = match (&self.op, &self.result) {
            (Op::Fill { value }, Some(shape)) => graph.fill(*value, shape).map(|t| vec![t]),
            (Op::PhiloxBits { stream, first_block }, Some(shape)) => {
                graph.philox_bits(shape, *stream, *first_block).map(|t| vec![t])
            }
            (Op::Normal { stream }, Some(shape)) => graph.normal(shape, *stream).map(|t| vec![t]),
            (op, _) => graph.push(op.clone(), operands),
        };
        result.unwrap_or_else(|error| panic!("{self}: {error}"))
    }
}

impl std::fmt::Display for OpCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of", in_words(&self.op))?;
        for ty in &self.operands {
            write!(f, " {ty}")?;
        }
        if let Some(shape) = &self.result {
            write!(f, " {shape}")?;
        }
        write!(f, "{}", if self.bias { " + bias" } else { "" })?;
        match self.leaky_relu {
            Some(slope) => write!(f, ", LeakyReLU {slope}"),
            None => Ok(()),
        }
    }
}

/// An op with its attributes.
pub(crate) fn in_words(op: &Op) -> String {
    let name = op.name();
    match op {
        Op::Conv2d { window } | Op::Conv2dGradWeight { window } => format!("{name}, {window},"),
        Op::ConvTranspose2d { window, output_padding: [y, x] } => {
            format!("{name}, {window}, output padding {y},{x},")
        }
        // As Rust shows it, without the name: `{ slope: 0.3 }`.
        other => match format!("{other:?}").split_once(' ') {
            Some((_, attributes)) => format!("{name} {attributes}"),
            None => name.to_owned(),
        },
    }
}

/// The name of a target: of a result, or of an operand that the op changes in place.
pub(crate) fn target_name(op: &Op, place: usize) -> &'static str {
    let names: &[&str] = match op {
        Op::BatchNormStatistics => &["mean", "variance"],
        Op::BatchNormGradGammaBeta { .. } => &["grad_gamma", "grad_beta"],
        Op::BatchNormRunning { .. } => &["running_mean", "running_variance"],
        Op::Adam { .. } => &["weights", "first moment", "second moment"],
        _ => &["result"],
    };
    names.get(place).copied().unwrap_or("result")
}

fn operand(graph: &mut Graph, name: &str, ty: &TensorType, stored: bool) -> Placed {
    if !stored {
        return Placed { tensor: graph.input(ty.clone()).unwrap(), storage: None };
    }
    let length = ty.shape.elements().next_multiple_of(4) + 2 * MARGIN;
    let storage = graph.storage(name, length);
    let tensor = graph.view(storage, MARGIN, &ty.shape).unwrap();
    Placed { tensor, storage: Some(storage) }
}
