//! The gradient of every differentiable op against central differences in f64.

use crate::support::{Built, check_gradient};
use graph::{Graph, Padding, Shape, TensorId, Window};

/// x² + 1, to stay where an op is smooth.
fn positive(graph: &mut Graph, x: TensorId) -> Built {
    let square = graph.multiply(x, x)?;
    graph.affine(square, 1.0, 1.0)
}

/// The tests of this file, for [`covered`](crate::covered).
pub(crate) const ALL: [fn(); 10] = [
    arithmetic,
    sums_and_repetitions,
    activations_and_loss,
    dense_and_its_gradients,
    convolutions,
    batch_norm_in_training,
    batch_norm_in_evaluation,
    statistics_of_a_batch,
    a_value_used_twice_sums_both_uses,
    a_tensor_that_nothing_depends_on_has_a_gradient_of_zeros,
];

#[test]
fn arithmetic() {
    check_gradient(&[&[2, 3], &[2, 3]], |g, s| g.add(s[0], s[1]));
    check_gradient(&[&[2, 3], &[2, 3]], |g, s| g.multiply(s[0], s[1]));
    check_gradient(&[&[5]], |g, s| g.affine(s[0], -2.5, 0.75));
    check_gradient(&[&[2, 6]], |g, s| g.reshape(s[0], &Shape::new(&[3, 4])));
    check_gradient(&[&[5]], |g, s| {
        let x = positive(g, s[0])?;
        g.reciprocal(x)
    });
    check_gradient(&[&[5]], |g, s| {
        let x = positive(g, s[0])?;
        g.square_root(x)
    });
}

#[test]
fn sums_and_repetitions() {
    for axes in [&[0][..], &[1], &[2], &[0, 1], &[0, 2], &[0, 1, 2]] {
        check_gradient(&[&[2, 3, 4]], |g, s| g.sum(s[0], axes));
    }
    for dims in [[1, 3, 4], [2, 1, 4], [2, 3, 1], [1, 1, 4], [1, 3, 1], [1, 1, 1]] {
        check_gradient(&[&dims], |g, s| g.broadcast(s[0], &Shape::new(&[2, 3, 4])));
    }
    check_gradient(&[&[2, 3]], |g, s| g.mean_all(s[0]));
    check_gradient(&[&[2, 3, 4], &[4]], |g, s| g.bias(s[0], s[1]));
}

#[test]
fn activations_and_loss() {
    check_gradient(&[&[4, 5]], |g, s| g.leaky_relu(s[0], 0.3));
    check_gradient(&[&[4, 5]], |g, s| g.relu(s[0]));
    check_gradient(&[&[4, 5]], |g, s| g.tanh(s[0]));
    check_gradient(&[&[4, 5]], |g, s| g.sigmoid(s[0]));
    check_gradient(&[&[4, 5]], |g, s| g.dropout(s[0], 0.3, 2));
    for target in [0.0, 1.0, 0.9] {
        check_gradient(&[&[4, 5]], |g, s| g.bce_with_logits(s[0], target));
    }
}

#[test]
fn dense_and_its_gradients() {
    check_gradient(&[&[3, 4], &[4, 5]], |g, s| g.dense(s[0], s[1]));
    check_gradient(&[&[3, 5], &[4, 5]], |g, s| g.dense_grad_input(s[0], s[1]));
    check_gradient(&[&[3, 4], &[3, 5]], |g, s| g.dense_grad_weight(s[0], s[1]));
}

#[test]
fn convolutions() {
    let uneven = Window {
        kernel: [3, 2],
        stride: [2, 1],
        padding: Padding { top: 1, bottom: 0, left: 0, right: 1 },
    };
    for window in [Window::square(3, 1, 1), Window::square(4, 2, 1), uneven] {
        let [kh, kw] = window.kernel;
        let [p, q] = window.small_size([6, 5]).unwrap();
        let (large, small, weight) = ([2, 6, 5, 2], [2, p, q, 3], [kh, kw, 2, 3]);
        check_gradient(&[&large, &weight], |g, s| g.conv2d(s[0], s[1], window));
        check_gradient(&[&large, &small], |g, s| g.conv2d_grad_weight(s[0], s[1], window));
        let output_padding = window.output_padding([6, 5]);
        check_gradient(&[&small, &weight], |g, s| {
            g.conv_transpose2d(s[0], s[1], window, output_padding)
        });
    }
}

#[test]
fn batch_norm_in_training() {
    for x in [&[6, 3][..], &[2, 3, 2, 3]] {
        let greatest = check_gradient(&[x, &[3], &[3]], |g, s| {
            let statistics = g.batch_norm_statistics(s[0])?;
            g.batch_norm(s[0], statistics, (s[1], s[2]), 1e-3)
        });
        assert!(greatest.iter().all(|&most| most > 1e-3), "{greatest:?}");
    }
}

#[test]
fn batch_norm_in_evaluation() {
    check_gradient(&[&[2, 3, 2, 3], &[3], &[3]], |g, s| {
        let mean = g.constant(&[0.5, -0.25, 0.0], &Shape::new(&[3]))?;
        let variance = g.constant(&[0.5, 2.0, 1.0], &Shape::new(&[3]))?;
        g.batch_norm(s[0], (mean, variance), (s[1], s[2]), 1e-3)
    });
}

#[test]
fn statistics_of_a_batch() {
    check_gradient(&[&[5, 3]], |g, s| Ok(g.batch_norm_statistics(s[0])?.0));
    check_gradient(&[&[5, 3]], |g, s| Ok(g.batch_norm_statistics(s[0])?.1));
}

#[test]
fn a_value_used_twice_sums_both_uses() {
    check_gradient(&[&[4]], |g, s| g.multiply(s[0], s[0]));
    check_gradient(&[&[4]], |g, s| {
        let tanh = g.tanh(s[0])?;
        let product = g.multiply(tanh, s[0])?;
        g.add(product, tanh)
    });
}

#[test]
fn a_tensor_that_nothing_depends_on_has_a_gradient_of_zeros() {
    let greatest = check_gradient(&[&[4], &[2, 3]], |g, s| g.tanh(s[0]));
    assert_eq!(greatest[1], 0.0);
}
