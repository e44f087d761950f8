//! The gradient of a squared gradient norm (Gulrajani et al. 2017; Mescheder et al. 2018) against
//! central differences in f64.

use crate::support::{Built, check_gradient, check_second_derivative, sum_of_squares, total};
use graph::{Graph, Padding, Shape, TensorId, Window};

fn square(graph: &mut Graph, x: TensorId) -> Built {
    graph.multiply(x, x)
}

/// The tests of this file, for [`covered`](crate::covered).
pub(crate) const ALL: [fn(); 10] = [
    dense,
    convolutions,
    activations_and_loss,
    primitives,
    batch_norm_in_training,
    batch_norm_in_evaluation,
    statistics_of_a_batch,
    zero_centred_penalty_of_a_network,
    unit_norm_penalty_of_a_network,
    one_tensor_as_both_operands_of_a_batch_norm_gradient,
];

#[test]
fn dense() {
    check_second_derivative(&[&[3, 4], &[4, 2]], |g, s| g.dense(s[0], s[1]));
    check_second_derivative(&[&[3, 2], &[4, 2]], |g, s| g.dense_grad_input(s[0], s[1]));
    check_second_derivative(&[&[3, 4], &[3, 2]], |g, s| g.dense_grad_weight(s[0], s[1]));
}

#[test]
fn convolutions() {
    let uneven = Window {
        kernel: [2, 3],
        stride: [1, 2],
        padding: Padding { top: 0, bottom: 1, left: 1, right: 0 },
    };
    for window in [Window::square(3, 2, 1), uneven] {
        let [kh, kw] = window.kernel;
        let [p, q] = window.small_size([4, 5]).unwrap();
        let (large, small, weight) = ([2, 4, 5, 2], [2, p, q, 3], [kh, kw, 2, 3]);
        let output_padding = window.output_padding([4, 5]);
        check_second_derivative(&[&large, &weight], |g, s| g.conv2d(s[0], s[1], window));
        check_second_derivative(&[&small, &weight], |g, s| {
            g.conv_transpose2d(s[0], s[1], window, output_padding)
        });
        check_second_derivative(&[&large, &small], |g, s| g.conv2d_grad_weight(s[0], s[1], window));
    }
}

#[test]
fn activations_and_loss() {
    check_second_derivative(&[&[4, 3]], |g, s| {
        let y = g.leaky_relu(s[0], 0.3)?;
        square(g, y)
    });
    check_second_derivative(&[&[4, 3]], |g, s| g.tanh(s[0]));
    check_second_derivative(&[&[4, 3]], |g, s| g.sigmoid(s[0]));
    check_second_derivative(&[&[4, 3]], |g, s| g.bce_with_logits(s[0], 0.9));
    check_second_derivative(&[&[4, 3]], |g, s| {
        let y = g.tanh(s[0])?;
        g.sigmoid(y)
    });
}

#[test]
fn primitives() {
    check_second_derivative(&[&[4]], |g, s| {
        let square = square(g, s[0])?;
        let shifted = g.affine(square, 1.0, 1.0)?;
        let root = g.square_root(shifted)?;
        g.reciprocal(root)
    });
    check_second_derivative(&[&[4], &[4]], |g, s| {
        let sum = g.add(s[0], s[1])?;
        square(g, sum)
    });
    check_second_derivative(&[&[2, 3], &[3]], |g, s| {
        let y = g.bias(s[0], s[1])?;
        let y = square(g, y)?;
        let y = g.dropout(y, 0.25, 1)?;
        g.sum(y, &[0])
    });
    check_second_derivative(&[&[2, 1]], |g, s| {
        let y = g.broadcast(s[0], &Shape::new(&[2, 3]))?;
        let y = g.reshape(y, &Shape::new(&[6]))?;
        square(g, y)
    });
}

#[test]
fn batch_norm_in_training() {
    check_second_derivative(&[&[5, 2], &[2], &[2]], |g, s| {
        let statistics = g.batch_norm_statistics(s[0])?;
        g.batch_norm(s[0], statistics, (s[1], s[2]), 1e-2)
    });
    // The incoming gradient depends on x as well.
    check_second_derivative(&[&[5, 2], &[2], &[2]], |g, s| {
        let statistics = g.batch_norm_statistics(s[0])?;
        let y = g.batch_norm(s[0], statistics, (s[1], s[2]), 1e-2)?;
        g.tanh(y)
    });
}

#[test]
fn batch_norm_in_evaluation() {
    check_second_derivative(&[&[5, 2], &[2], &[2]], |g, s| {
        let mean = g.constant(&[0.5, -0.25], &Shape::new(&[2]))?;
        let variance = g.constant(&[0.5, 2.0], &Shape::new(&[2]))?;
        let y = g.batch_norm(s[0], (mean, variance), (s[1], s[2]), 1e-2)?;
        g.sigmoid(y)
    });
}

#[test]
fn statistics_of_a_batch() {
    check_second_derivative(&[&[5, 2]], |g, s| {
        let (mean, variance) = g.batch_norm_statistics(s[0])?;
        let y = g.multiply(mean, variance)?;
        square(g, y)
    });
}

const IMAGE: [usize; 4] = [3, 5, 4, 2];
const WEIGHTS: [&[usize]; 8] =
    [&IMAGE, &[3, 3, 2, 3], &[3], &[3], &[3], &[4, 4, 2, 3], &[96, 3], &[3, 1]];

/// Logits [N, 1], by way of every kind of layer.
fn network(g: &mut Graph, s: &[TensorId]) -> Built {
    let y = g.conv2d(s[0], s[1], Window::square(3, 2, 1))?;
    let y = g.bias(y, s[2])?;
    let y = g.leaky_relu(y, 0.3)?;
    let statistics = g.batch_norm_statistics(y)?;
    let y = g.batch_norm(y, statistics, (s[3], s[4]), 1e-2)?;
    let y = g.conv_transpose2d(y, s[5], Window::square(4, 2, 0), [0, 0])?;
    let y = g.sigmoid(y)?;
    let y = g.reshape(y, &Shape::new(&[3, 96]))?;
    let y = g.dense(y, s[6])?;
    let y = g.tanh(y)?;
    g.dense(y, s[7])
}

#[test]
fn zero_centred_penalty_of_a_network() {
    let greatest = check_gradient(&WEIGHTS, |g, s| {
        let logits = network(g, s)?;
        let loss = g.bce_with_logits(logits, 1.0)?;
        let gradient = g.gradient(&[(loss, None)], &s[..1])?;
        sum_of_squares(g, gradient[0])
    });
    assert!(greatest.iter().all(|&most| most > 1e-6), "{greatest:?}");
}

#[test]
fn unit_norm_penalty_of_a_network() {
    let greatest = check_gradient(&WEIGHTS, |g, s| {
        let logits = network(g, s)?;
        let gradient = g.gradient(&[(logits, None)], &s[..1])?;
        let square = square(g, gradient[0])?;
        let sum = g.sum(square, &[1, 2, 3])?;
        let norm = g.square_root(sum)?;
        let excess = g.affine(norm, 1.0, -1.0)?;
        let penalty = g.multiply(excess, excess)?;
        total(g, penalty)
    });
    assert!(greatest.iter().all(|&most| most > 1e-6), "{greatest:?}");
}

#[test]
fn one_tensor_as_both_operands_of_a_batch_norm_gradient() {
    // A large epsilon, as without one x's own direction has no gradient.
    check_gradient(&[&[5, 2], &[2], &[2]], |g, s| {
        let statistics = g.batch_norm_statistics(s[0])?;
        let y = g.batch_norm(s[0], statistics, (s[1], s[2]), 1.0)?;
        Ok(g.gradient(&[(y, Some(s[0]))], &[s[0]])?[0])
    });
}
