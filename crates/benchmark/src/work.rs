//! What a kernel must do at least: floating-point operations of its formula, and bytes that it
//! cannot do without.

use graph::{Graph, Kernel, Node, Op, TensorId, Window};

/// The least work of a kernel or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Floating-point operations.
    pub flop: u64,
    /// Bytes read and written: each operand and each result once, and what is changed in place
    /// twice.
    pub bytes: u64,
}

impl Work {
    /// Of a kernel with its epilogue.
    pub fn of(graph: &Graph, kernel: &Kernel) -> Self {
        Self { flop: flop(graph, kernel), bytes: bytes(graph, kernel) }
    }

    /// Of every kernel of these.
    pub fn of_all<'a>(graph: &Graph, kernels: impl IntoIterator<Item = &'a Kernel>) -> Self {
        kernels.into_iter().fold(Self::default(), |sum, kernel| {
            let Self { flop, bytes } = Self::of(graph, kernel);
            Self { flop: sum.flop + flop, bytes: sum.bytes + bytes }
        })
    }

    /// Arithmetic intensity, in operations a byte.
    pub fn intensity(&self) -> f64 {
        self.flop as f64 / self.bytes as f64
    }
}

fn flop(graph: &Graph, kernel: &Kernel) -> u64 {
    let results = elements(graph, kernel.results(graph));
    let epilogue =
        u64::from(kernel.epilogue.bias.is_some()) + u64::from(kernel.epilogue.leaky_relu.is_some());
    flop_of(graph, graph.node(kernel.nodes[0])) + epilogue * results
}

/// The operations of a node's formula. An elementary function (division, square root, exponential,
/// logarithm, tanh, maximum) counts as one, as an addition does; integer operations, comparisons,
/// copies and changes of sign as none. Taps of a window that fall on padding are no work.
fn flop_of(graph: &Graph, node: &Node) -> u64 {
    let operand = |place: usize| graph.shape(node.operands[place]);
    let each_element = |operations: u64| {
        let tensors = if node.results.is_empty() { &node.operands } else { &node.results };
        operations * elements(graph, &tensors[..1])
    };
    // Operations an element of x, and once a channel.
    let batch_norm = |x: usize, element: u64, channel: u64| {
        element * operand(x).elements() as u64 + channel * operand(x).channels() as u64
    };
    match node.op {
        Op::Input | Op::Constant(_) | Op::View { .. } | Op::Reshape => 0,
        Op::Fill { .. } | Op::Copy | Op::Broadcast { .. } | Op::ScalePixels => 0,
        Op::PhiloxBits { .. } => 0,
        Op::Accumulate | Op::Add | Op::Multiply | Op::Bias => each_element(1),
        Op::Scale { .. } => each_element(2),
        Op::Reciprocal | Op::SquareRoot | Op::Tanh => each_element(1),
        Op::Sum { .. } => operand(0).elements() as u64,
        Op::LeakyRelu { .. } | Op::LeakyReluGrad { .. } | Op::Dropout { .. } => each_element(1),
        // grad · (1 - y · y)
        Op::TanhGrad => each_element(3),
        // 1 / (1 + exp(-x))
        Op::Sigmoid => each_element(3),
        // grad · y · (1 - y)
        Op::SigmoidGrad => each_element(3),
        // max(x, 0) - x · target + log(1 + exp(-|x|))
        Op::BceWithLogits { .. } => each_element(7),
        // grad · (sigmoid(x) - target)
        Op::BceWithLogitsGrad { .. } => each_element(5),
        // AS 241 near the middle: a square taken from a constant, the quotient of two cubics, and
        // a multiplication.
        Op::Normal { .. } => each_element(17),
        Op::Dense | Op::DenseGradInput => {
            2 * (operand(0).elements() * graph.shape(node.results[0]).channels()) as u64
        }
        Op::DenseGradWeight => 2 * (operand(0).elements() * operand(1).channels()) as u64,
        Op::Conv2d { window } => windowed(graph, &window, node.operands[0], node.results[0]),
        Op::ConvTranspose2d { window, .. } => {
            windowed(graph, &window, node.results[0], node.operands[0])
        }
        Op::Conv2dGradWeight { window } => {
            windowed(graph, &window, node.operands[0], node.operands[1])
        }
        // The mean's addition; a difference, its square, and their sum. Two divisions.
        Op::BatchNormStatistics => batch_norm(0, 4, 2),
        // (x - mean) · factor + β. The factor is γ / √(variance + epsilon).
        Op::BatchNorm { .. } => batch_norm(0, 3, 3),
        // x̂ takes two; the sum of grad · x̂ two; the sum of grad one.
        Op::BatchNormGradGammaBeta { .. } => batch_norm(0, 5, 3),
        // x̂ takes two; x̂ · (grad_gamma / R), two differences and the factor.
        Op::BatchNormGradInput { .. } => batch_norm(0, 6, 5),
        // running += momentum · (new - running), and the variance's correction.
        Op::BatchNormRunning { .. } => each_element(7),
        // Three for m, four for v, six for the weights.
        Op::Adam { .. } => each_element(13),
        Op::Ema { .. } => each_element(3),
    }
}

fn elements(graph: &Graph, tensors: &[TensorId]) -> u64 {
    tensors.iter().map(|&tensor| graph.shape(tensor).elements() as u64).sum()
}

/// A multiplication and an addition for each pair of channels at each tap on the large image.
fn windowed(graph: &Graph, window: &Window, large: TensorId, small: TensorId) -> u64 {
    let (large, small) = (graph.shape(large).dims(), graph.shape(small).dims());
    let taps: usize =
        (0..2).map(|axis| taps_on_image(window, axis, large[axis + 1], small[axis + 1])).product();
    2 * (large[0] * taps * large[3] * small[3]) as u64
}

/// Pairs of a place of the small image and a tap that fall on the large one, along an axis.
fn taps_on_image(window: &Window, axis: usize, large: usize, small: usize) -> usize {
    let padding = [window.padding.top, window.padding.left][axis];
    let on_image = |place: usize, tap: usize| {
        (padding..large + padding).contains(&(place * window.stride[axis] + tap))
    };
    (0..small).map(|p| (0..window.kernel[axis]).filter(|&tap| on_image(p, tap)).count()).sum()
}

fn bytes(graph: &Graph, kernel: &Kernel) -> u64 {
    let op = &graph.node(kernel.nodes[0]).op;
    let operands = kernel.operands(graph);
    let size = |tensor: TensorId| graph.ty(tensor).bytes() as u64;
    let read = operands.iter().enumerate().filter(|&(place, operand)| {
        let overwritten = matches!(op, Op::Copy) && op.in_place_operands().contains(&place);
        // One tensor as two operands is read once.
        !overwritten && !operands[..place].contains(operand)
    });
    let read: u64 = read.map(|(_, &operand)| size(operand)).sum();
    let in_place: u64 = op.in_place_operands().iter().map(|&place| size(operands[place])).sum();
    let results: u64 = kernel.results(graph).iter().map(|&result| size(result)).sum();
    read + in_place + results
}

#[cfg(test)]
mod tests;
