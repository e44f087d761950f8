//! What does not fit is refused, with the op and the shapes in the message.

use graph::{DType, Graph, GraphError, Op, Padding, Shape, TensorId, TensorType, Window};
use std::fmt::Debug;

fn input(graph: &mut Graph, dims: &[usize]) -> TensorId {
    graph.input(TensorType::f32(dims)).unwrap()
}

fn refusal<R: Debug>(
    shapes: &[&[usize]],
    build: impl FnOnce(&mut Graph, &[TensorId]) -> Result<R, GraphError>,
) -> String {
    let mut graph = Graph::new("test");
    let inputs: Vec<TensorId> = shapes.iter().map(|dims| input(&mut graph, dims)).collect();
    let nodes = graph.nodes().count();
    let message = build(&mut graph, &inputs).expect_err("this must be refused").to_string();
    assert_eq!(graph.nodes().count(), nodes, "a refused op must leave no node: {message}");
    message
}

#[test]
fn operands_that_do_not_fit_are_named() {
    let message = refusal(&[&[2, 3], &[4, 5]], |g, s| g.dense(s[0], s[1]));
    assert_eq!(message, "dense: needs x [N, I] and w [I, O]; found f32[2, 3], f32[4, 5]");
    let message = refusal(&[&[2, 3], &[3, 2]], |g, s| g.add(s[0], s[1]));
    assert_eq!(message, "add: needs two f32 tensors of one shape; found f32[2, 3], f32[3, 2]");
    let message = refusal(&[&[2, 6, 6, 3], &[3, 3, 4, 8]], |g, s| {
        g.conv2d(s[0], s[1], Window::square(3, 1, 1))
    });
    assert!(message.starts_with("conv2d: ") && message.contains("f32[3, 3, 4, 8]"), "{message}");
    let message = refusal(&[&[2, 3], &[2]], |g, s| g.bias(s[0], s[1]));
    assert!(message.starts_with("bias: ") && message.contains("f32[2, 3], f32[2]"), "{message}");
    let message = refusal(&[&[1, 4]], |g, s| g.batch_norm_statistics(s[0]));
    assert!(message.starts_with("batch_norm_statistics: "), "{message}");
    let message = refusal(&[&[2, 3]], |g, s| g.sum(s[0], &[2]));
    assert!(message.starts_with("sum: ") && message.contains("f32[2, 3]"), "{message}");
    let message = refusal(&[&[2, 3]], |g, s| g.reshape(s[0], &Shape::new(&[7])));
    assert!(message.starts_with("reshape: ") && message.contains("f32[7]"), "{message}");
    let message = refusal(&[&[2, 3]], |g, s| g.broadcast(s[0], &Shape::new(&[2, 6])));
    assert!(message.starts_with("broadcast: ") && message.contains("f32[2, 6]"), "{message}");
    let message = refusal(&[&[2, 3]], |g, s| g.scale_pixels_of_f32(s[0]));
    assert!(message.starts_with("scale_pixels: ") && message.contains("u8"), "{message}");
    let message = refusal(&[], |g, _| g.push(Op::Tanh, &[]));
    assert!(message.starts_with("tanh: ") && message.contains("no operands"), "{message}");
}

/// The builder method adds its table before it finds out.
trait ScalePixelsOfF32 {
    fn scale_pixels_of_f32(&mut self, x: TensorId) -> Result<Vec<TensorId>, GraphError>;
}

impl ScalePixelsOfF32 for Graph {
    fn scale_pixels_of_f32(&mut self, x: TensorId) -> Result<Vec<TensorId>, GraphError> {
        self.push(Op::ScalePixels, &[x, x])
    }
}

#[test]
fn windows_that_do_not_fit_are_named() {
    let message = refusal(&[&[1, 2, 9, 1], &[5, 5, 1, 1]], |g, s| {
        g.conv2d(s[0], s[1], Window::square(5, 1, 1))
    });
    assert_eq!(
        message,
        "conv2d: the kernel is larger than the padded image (kernel 5x5, stride 1x1, padding \
         1,1,1,1); found f32[1, 2, 9, 1], f32[5, 5, 1, 1]"
    );
    let message = refusal(&[&[1, 4, 4, 1], &[3, 3, 1, 1]], |g, s| {
        g.conv_transpose2d(s[0], s[1], Window::square(3, 2, 1), [0, 2])
    });
    assert!(message.contains("output padding must be less than the stride"), "{message}");
    let message = refusal(&[&[1, 1, 1, 1], &[2, 2, 1, 1]], |g, s| {
        g.conv_transpose2d(s[0], s[1], Window::square(2, 1, 1), [0, 0])
    });
    assert!(message.contains("padding leaves nothing"), "{message}");
    let still = Window { kernel: [1, 1], stride: [0, 1], padding: Padding::default() };
    let message = refusal(&[&[1, 1, 1, 1], &[1, 1, 1, 1]], |g, s| g.conv2d(s[0], s[1], still));
    assert!(message.contains("kernel and stride must be at least 1"), "{message}");
    let message = refusal(&[&[1, 6, 6, 1], &[1, 5, 5, 1]], |g, s| {
        g.conv2d_grad_weight(s[0], s[1], Window::square(3, 1, 0))
    });
    assert!(message.starts_with("conv2d_grad_weight: "), "{message}");
}

#[test]
fn a_dimension_of_zero_is_refused() {
    let mut graph = Graph::new("test");
    for dims in [&[0][..], &[2, 0, 3], &[4, 4, 0]] {
        let error = graph.input(TensorType::f32(dims)).unwrap_err();
        assert_eq!(error, GraphError::ZeroSized { op: "input", shape: Shape::new(dims) });
    }
    let x = input(&mut graph, &[2, 1]);
    let error = graph.broadcast(x, &Shape::new(&[2, 0])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "broadcast: shape [2, 0] has an extent of zero; every extent must be at least 1"
    );
    assert!(matches!(
        graph.fill(1.0, &Shape::new(&[0])),
        Err(GraphError::ZeroSized { op: "fill", .. })
    ));
}

#[test]
fn attributes_out_of_range_are_refused() {
    let message = refusal(&[&[3]], |g, s| g.dropout(s[0], 1.0, 0));
    assert_eq!(message, "dropout: rate is 1, but must be at least 0 and below 1");
    let message = refusal(&[&[3]], |g, s| g.leaky_relu(s[0], f32::NAN));
    assert_eq!(message, "leaky_relu: slope is NaN, but must be from 0 to 1");
    let message = refusal(&[&[3]], |g, s| g.bce_with_logits(s[0], 1.5));
    assert_eq!(message, "bce_with_logits: target is 1.5, but must be from 0 to 1");
}

#[test]
fn storage_is_guarded() {
    let mut graph = Graph::new("test");
    let weights = graph.storage("g.weights", 10);
    let error = graph.view(weights, 4, &Shape::new(&[7])).unwrap_err();
    let message = "view of 7 elements at 4 does not fit storage `g.weights` of 10";
    assert_eq!(error.to_string(), message);
    let [x, y] = [input(&mut graph, &[3]), input(&mut graph, &[3])];
    let error = graph.copy(x, y).unwrap_err().to_string();
    assert!(error.starts_with("copy: needs a view of storage"), "{error}");
    assert!(graph.view(weights, usize::MAX, &Shape::new(&[2])).is_err());
}

#[test]
fn ops_without_a_gradient_are_named() {
    let mut graph = Graph::new("test");
    let pixels = TensorType { dtype: DType::U8, shape: Shape::new(&[4]) };
    let pixels = graph.input(pixels).unwrap();
    let x = graph.scale_pixels(pixels).unwrap();
    let y = graph.tanh(x).unwrap();
    let error = graph.gradient(&[(y, None)], &[pixels]).unwrap_err();
    assert_eq!(error.to_string(), "scale_pixels: has no gradient with respect to operand 0");
}

#[test]
fn storage_is_not_both_read_and_changed_by_one_op() {
    let mut graph = Graph::new("test");
    let storage = graph.storage("state", 256);
    let (low, high) = (0, 128);
    let view = |graph: &mut Graph, at| graph.view(storage, at, &Shape::new(&[4])).unwrap();
    let (from, to) = (view(&mut graph, low), view(&mut graph, high));
    let message = graph.copy(from, to).expect_err("one buffer cannot be bound twice").to_string();
    assert!(message.starts_with("copy: needs what it changes in place in another"), "{message}");
    let x = input(&mut graph, &[4]);
    graph.copy(x, to).unwrap();
}
