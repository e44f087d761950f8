//! Laws that hold exactly on integers, whatever the order of summation.

use crate::support::{integers, interpret, real, values};
use graph::{Graph, Op, Padding, Shape, TensorId, TensorType, Window};

/// The first result of an op on operands of these shapes.
fn apply(op: Op, operands: &[(&[usize], &[f64])]) -> Vec<f64> {
    let mut graph = Graph::new("law");
    let inputs: Vec<(TensorId, Vec<f64>)> = operands
        .iter()
        .map(|(dims, values)| (graph.input(TensorType::f32(dims)).unwrap(), values.to_vec()))
        .collect();
    let ids: Vec<TensorId> = inputs.iter().map(|&(id, _)| id).collect();
    let result = graph.push(op, &ids).unwrap()[0];
    graph.output(result);
    real(&interpret(&graph, &inputs), result)
}

fn inner(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn padding([top, bottom, left, right]: [usize; 4]) -> Padding {
    Padding { top, bottom, left, right }
}

/// Kernel, stride, padding (top, bottom, left, right), large image [N, H, W, I], O.
type Case = ([usize; 2], [usize; 2], [usize; 4], [usize; 4], usize);

const CASES: [Case; 11] = [
    ([1, 1], [1, 1], [0, 0, 0, 0], [1, 1, 1, 1], 1),
    ([1, 1], [3, 2], [0, 0, 0, 0], [2, 7, 4, 3], 2),
    ([3, 3], [1, 1], [1, 1, 1, 1], [2, 5, 7, 3], 4),
    ([5, 5], [2, 2], [2, 2, 2, 2], [3, 7, 8, 1], 5),
    ([4, 4], [2, 2], [1, 1, 1, 1], [1, 6, 9, 2], 3),
    ([4, 2], [3, 1], [2, 0, 0, 1], [2, 8, 3, 3], 1),
    ([2, 5], [1, 3], [0, 1, 4, 2], [1, 3, 11, 2], 2),
    ([7, 7], [3, 3], [3, 3, 3, 3], [1, 5, 4, 1], 2),
    ([7, 6], [1, 2], [6, 6, 5, 5], [2, 2, 3, 1], 1),
    ([3, 3], [3, 3], [0, 0, 0, 0], [1, 11, 10, 2], 2),
    ([2, 2], [3, 3], [1, 0, 2, 0], [1, 6, 5, 1], 3),
];

#[test]
fn the_three_convolutions_are_adjoint() {
    let mut output_paddings = 0;
    for (kernel, stride, sides, large, small_channels) in CASES {
        let window = Window { kernel, stride, padding: padding(sides) };
        let [n, h, w, channels] = large;
        let [p, q] = window.small_size([h, w]).unwrap();
        let small = [n, p, q, small_channels];
        let weight = [kernel[0], kernel[1], channels, small_channels];
        let elements = |dims: &[usize]| dims.iter().product::<usize>();
        let x = integers(elements(&large), 1);
        let weights = integers(elements(&weight), 2);
        let y = integers(elements(&small), 3);
        let output_padding = window.output_padding([h, w]);
        output_paddings += output_padding.iter().sum::<usize>();

        let convolved = apply(Op::Conv2d { window }, &[(&large, &x), (&weight, &weights)]);
        let transposed = Op::ConvTranspose2d { window, output_padding };
        let transposed = apply(transposed, &[(&small, &y), (&weight, &weights)]);
        let correlated = apply(Op::Conv2dGradWeight { window }, &[(&large, &x), (&small, &y)]);
        let product = inner(&convolved, &y);
        assert_eq!(product, inner(&x, &transposed), "{window}, {large:?}");
        assert_eq!(product, inner(&weights, &correlated), "{window}, {large:?}");
    }
    assert!(output_paddings > 3, "the cases must cover output padding");
}

#[test]
fn conv2d_is_its_definition() {
    for (kernel, stride, sides, large, outputs) in CASES {
        let window = Window { kernel, stride, padding: padding(sides) };
        let [n, h, w, inputs] = large;
        let weight = [kernel[0], kernel[1], inputs, outputs];
        let x = integers(large.iter().product(), 4);
        let weights = integers(weight.iter().product(), 5);
        let [p, q] = window.small_size([h, w]).unwrap();
        let mut expected = Vec::new();
        for place in 0..n * p * q * outputs {
            let (o, column, row) = (place % outputs, place / outputs % q, place / outputs / q % p);
            let sample = place / outputs / q / p;
            let mut sum = 0.0;
            for tap in 0..kernel[0] * kernel[1] * inputs {
                let (i, kx, ky) =
                    (tap % inputs, tap / inputs % kernel[1], tap / inputs / kernel[1]);
                let from_top = (row * stride[0] + ky) as isize - sides[0] as isize;
                let from_left = (column * stride[1] + kx) as isize - sides[2] as isize;
                if (0..h as isize).contains(&from_top) && (0..w as isize).contains(&from_left) {
                    let pixel = (sample * h + from_top as usize) * w + from_left as usize;
                    sum += x[pixel * inputs + i] * weights[tap * outputs + o];
                }
            }
            expected.push(sum);
        }
        assert_eq!(apply(Op::Conv2d { window }, &[(&large, &x), (&weight, &weights)]), expected);
    }
}

#[test]
fn a_1x1_convolution_is_dense() {
    let (x, w) = (integers(2 * 3 * 5 * 4, 1), integers(4 * 6, 2));
    let window = Window::square(1, 1, 0);
    let convolved = apply(Op::Conv2d { window }, &[(&[2, 3, 5, 4], &x), (&[1, 1, 4, 6], &w)]);
    assert_eq!(convolved, apply(Op::Dense, &[(&[30, 4], &x), (&[4, 6], &w)]));
}

#[test]
fn an_identity_kernel_changes_nothing() {
    let x = integers(2 * 4 * 5, 1);
    let mut w = vec![0.0; 9];
    w[4] = 1.0;
    let window = Window::square(3, 1, 1);
    assert_eq!(apply(Op::Conv2d { window }, &[(&[2, 4, 5, 1], &x), (&[3, 3, 1, 1], &w)]), x);
}

#[test]
fn dense_and_its_gradients_are_adjoint() {
    let (x, w, y) = (integers(3 * 4, 1), integers(4 * 5, 2), integers(3 * 5, 3));
    let product = inner(&apply(Op::Dense, &[(&[3, 4], &x), (&[4, 5], &w)]), &y);
    let dx = apply(Op::DenseGradInput, &[(&[3, 5], &y), (&[4, 5], &w)]);
    let dw = apply(Op::DenseGradWeight, &[(&[3, 4], &x), (&[3, 5], &y)]);
    assert_eq!((inner(&x, &dx), inner(&w, &dw)), (product, product));
}

#[test]
fn samples_do_not_see_one_another() {
    let (x, w) = (integers(3 * 6 * 5 * 2, 1), integers(9 * 2 * 3, 2));
    let op = Op::Conv2d { window: Window::square(3, 2, 1) };
    let whole = apply(op.clone(), &[(&[3, 6, 5, 2], &x), (&[3, 3, 2, 3], &w)]);
    let apart = x.chunks(60);
    let apart = apart.flat_map(|x| apply(op.clone(), &[(&[1, 6, 5, 2], x), (&[3, 3, 2, 3], &w)]));
    assert_eq!(whole, apart.collect::<Vec<f64>>());
}

#[test]
fn the_gradient_of_batch_norm_sums_to_zero() {
    let mut graph = Graph::new("law");
    let x = graph.input(TensorType::f32(&[4, 3, 5, 2])).unwrap();
    let gamma = graph.constant(&[0.5, 2.0], &Shape::new(&[2])).unwrap();
    let statistics = graph.batch_norm_statistics(x).unwrap();
    let y = graph.batch_norm(x, statistics, (gamma, gamma), 1e-5).unwrap();
    let seed: Vec<f32> = values(120, 8).into_iter().map(|v| v as f32).collect();
    let seed = graph.constant(&seed, &Shape::new(&[4, 3, 5, 2])).unwrap();
    let dx = graph.gradient(&[(y, Some(seed))], &[x]).unwrap()[0];
    graph.output(dx);
    let dx = real(&interpret(&graph, &[(x, values(120, 9))]), dx);
    for channel in 0..2 {
        let of_channel = dx.iter().skip(channel).step_by(2);
        let (sum, size) = of_channel.fold((0.0, 0.0), |(sum, size), g| (sum + g, size + g.abs()));
        assert!(sum.abs() <= 1e-13 * size && size > 1.0, "{sum} of {size}");
    }
}
