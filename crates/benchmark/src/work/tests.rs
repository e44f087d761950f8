//! Counts by hand.

use super::*;
use graph::{Padding, Schedule, Shape, TensorType};

/// The work of the only kernel of a graph.
fn work(graph: &Graph) -> Work {
    let schedule = Schedule::new(graph);
    let kernels: Vec<&Kernel> = schedule.phases.iter().flatten().collect();
    assert_eq!(kernels.len(), 1);
    Work::of(graph, kernels[0])
}

/// The work of an op on inputs of these shapes.
fn work_of(op: Op, operands: &[&[usize]]) -> Work {
    let mut graph = Graph::new("test");
    let operands: Vec<TensorId> =
        operands.iter().map(|dims| graph.input(TensorType::f32(dims)).unwrap()).collect();
    for result in graph.push(op, &operands).unwrap() {
        graph.output(result);
    }
    work(&graph)
}

#[test]
fn a_dense_layer_multiplies_and_adds_once_for_each_input_and_output() {
    let floats = 3 * 5 + 5 * 7 + 3 * 7;
    assert_eq!(work_of(Op::Dense, &[&[3, 5], &[5, 7]]), Work { flop: 210, bytes: 4 * floats });
    assert_eq!(
        work_of(Op::DenseGradInput, &[&[3, 7], &[5, 7]]),
        Work { flop: 210, bytes: 4 * floats }
    );
    assert_eq!(
        work_of(Op::DenseGradWeight, &[&[3, 5], &[3, 7]]),
        Work { flop: 210, bytes: 4 * floats }
    );
}

#[test]
fn taps_on_padding_are_no_work() {
    // Along each axis 4 places with kernel 3 and padding 1: the first and the last have 2 taps.
    let window = Window::square(3, 1, 1);
    let taps = (2 + 3 + 3 + 2) * (2 + 3 + 3 + 2);
    let flop = 2 * taps * 2 * 5;
    let conv2d = work_of(Op::Conv2d { window }, &[&[1, 4, 4, 2], &[3, 3, 2, 5]]);
    assert_eq!(conv2d, Work { flop, bytes: 4 * (16 * 2 + 9 * 10 + 16 * 5) });
    let grad = work_of(Op::Conv2dGradWeight { window }, &[&[1, 4, 4, 2], &[1, 4, 4, 5]]);
    assert_eq!(grad, conv2d);
    // Without padding all nine taps of each of the four places count.
    let inner =
        work_of(Op::Conv2d { window: Window::square(3, 1, 0) }, &[&[1, 4, 4, 2], &[3, 3, 2, 5]]);
    assert_eq!(inner.flop, 2 * 4 * 9 * 2 * 5);
}

#[test]
fn strides_and_one_sided_padding_are_counted_place_by_place() {
    // 5 rows, kernel 3, stride 2, one row of padding above: places begin at -1, 1, 3 and have
    // 2, 3 and 2 taps. 6 columns, kernel 2, stride 3: places begin at 0 and 3, with 2 each.
    let padding = Padding { top: 1, bottom: 1, ..Padding::default() };
    let window = Window { kernel: [3, 2], stride: [2, 3], padding };
    let conv2d = work_of(Op::Conv2d { window }, &[&[2, 5, 6, 1], &[3, 2, 1, 4]]);
    assert_eq!(conv2d.flop, 2 * 2 * (2 + 3 + 2) * (2 + 2) * 4);
}

#[test]
fn a_transposed_convolution_multiplies_by_no_inserted_zero() {
    // Each of 2x2 places spreads over 4x4 taps, of which one row and column fall off the edge.
    let window = Window::square(4, 2, 1);
    let op = Op::ConvTranspose2d { window, output_padding: [0; 2] };
    let work = work_of(op, &[&[1, 2, 2, 3], &[4, 4, 5, 3]]);
    assert_eq!(work, Work { flop: 2 * 36 * 15, bytes: 4 * (4 * 3 + 16 * 15 + 16 * 5) });
}

#[test]
fn an_epilogue_adds_its_operations_and_its_bias_but_no_traffic() {
    let mut graph = Graph::new("test");
    let x = graph.input(TensorType::f32(&[3, 5])).unwrap();
    let w = graph.input(TensorType::f32(&[5, 7])).unwrap();
    let b = graph.input(TensorType::f32(&[7])).unwrap();
    let y = graph.dense(x, w).unwrap();
    let y = graph.bias(y, b).unwrap();
    let y = graph.leaky_relu(y, 0.2).unwrap();
    graph.output(y);
    let floats = 3 * 5 + 5 * 7 + 7 + 3 * 7;
    assert_eq!(work(&graph), Work { flop: 210 + 21 + 21, bytes: 4 * floats });
}

#[test]
fn what_is_changed_in_place_is_read_and_written() {
    let mut graph = Graph::new("test");
    let shape = Shape::new(&[10]);
    let rate = graph.scalar("rate");
    let storage = graph.storage("average", 10);
    let average = graph.view(storage, 0, &shape).unwrap();
    let value = graph.input(TensorType::f32(&[10])).unwrap();
    graph.ema(average, value, rate).unwrap();
    assert_eq!(work(&graph), Work { flop: 30, bytes: 3 * 40 });

    let mut graph = Graph::new("test");
    let storage = graph.storage("destination", 10);
    let destination = graph.view(storage, 0, &shape).unwrap();
    let value = graph.input(TensorType::f32(&[10])).unwrap();
    graph.copy(value, destination).unwrap();
    assert_eq!(work(&graph), Work { flop: 0, bytes: 2 * 40 }, "what is overwritten is not read");
}

#[test]
fn one_tensor_as_two_operands_is_read_once() {
    let mut graph = Graph::new("test");
    let x = graph.input(TensorType::f32(&[10])).unwrap();
    let square = graph.multiply(x, x).unwrap();
    graph.output(square);
    assert_eq!(work(&graph), Work { flop: 10, bytes: 80 });
}

#[test]
fn normalising_counts_elements_and_channels() {
    let x: &[usize] = &[6, 4];
    let c: &[usize] = &[4];
    let statistics = work_of(Op::BatchNormStatistics, &[x]);
    assert_eq!(statistics, Work { flop: 4 * 24 + 2 * 4, bytes: 4 * (24 + 2 * 4) });
    let normalise = work_of(Op::BatchNorm { epsilon: 1e-5 }, &[x, c, c, c, c]);
    assert_eq!(normalise, Work { flop: 3 * 24 + 3 * 4, bytes: 4 * (2 * 24 + 4 * 4) });
}
