use super::*;
use cpu_reference::{Values, evaluate, magnitude};
use graph::{Padding, TensorType};

/// Every product op on odd extents, with the shapes of its operands and its result.
fn products() -> Vec<(Op, [Shape; 2], Shape)> {
    let padding = Padding { top: 2, bottom: 0, left: 1, right: 1 };
    let window = Window { kernel: [3, 4], stride: [2, 1], padding };
    let large = [7, 6];
    let small = window.small_size(large).unwrap();
    let output_padding = window.output_padding(large);
    let x = Shape::images(3, 5, large[0], large[1]);
    let y = Shape::images(3, 2, small[0], small[1]);
    let w = Shape::new(&[3, 4, 5, 2]);
    let [n_i, i_o, n_o] = [[3, 5], [5, 2], [3, 2]].map(|dims| Shape::new(&dims));
    vec![
        (Op::Dense, [n_i.clone(), i_o.clone()], n_o.clone()),
        (Op::DenseGradInput, [n_o.clone(), i_o.clone()], n_i.clone()),
        (Op::DenseGradWeight, [n_i, n_o], i_o),
        (Op::Conv2d { window }, [x.clone(), w.clone()], y.clone()),
        (Op::ConvTranspose2d { window, output_padding }, [y.clone(), w.clone()], x.clone()),
        (Op::Conv2dGradWeight { window }, [x, y], w),
    ]
}

fn reals(shape: &Shape, seed: usize) -> Vec<f32> {
    let value = |place: usize| ((place * 7919 + seed * 31) % 211) as f32 / 100.0 - 1.0;
    (0..shape.elements()).map(value).collect()
}

/// Each output and its magnitude are the reference's, term for term.
#[test]
fn each_output_is_the_references() {
    for (op, shapes, result) in products() {
        let form = Trilinear::of(&op, shapes.each_ref(), &result).unwrap();
        let [a, b] = [0, 1].map(|place| reals(&shapes[place], place));
        let values = [&a, &b].map(|values| Values::<f64>::from_f32(values));
        let types = shapes.each_ref().map(|shape| TensorType::f32(shape.dims()));
        let operands = [(&types[0], &values[0]), (&types[1], &values[1])];
        let results = [TensorType::f32(result.dims())];
        let expected = evaluate(&op, &operands, &results, &[]);
        let sizes = magnitude(&op, &operands, &results, &[]).unwrap();
        let mut terms = 0;
        for (index, (&value, &size)) in expected[0].real().iter().zip(sizes[0].real()).enumerate() {
            let output = form.output(index, &a, &b);
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * size;
            assert!(near(output.value, value), "{} at {index}", op.name());
            assert!(near(output.magnitude, size), "{} at {index}", op.name());
            assert!(output.terms <= form.most_terms(), "{} at {index}", op.name());
            terms += output.terms;
        }
        assert_eq!(form.flop(), 2 * terms as u64, "{}", op.name());
    }
}

/// The projection is that of the outputs, and sees any one of them change.
#[test]
fn the_projection_is_that_of_every_output() {
    for (op, shapes, result) in products() {
        let form = Trilinear::of(&op, shapes.each_ref(), &result).unwrap();
        let integers = |place: usize| -> Vec<f32> {
            reals(&shapes[place], place).iter().map(|value| (value * 3.0).round()).collect()
        };
        let [a, b] = [integers(0), integers(1)];
        let random = |place: usize| (place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let rows: Vec<u64> = (0..result.rows()).map(random).collect();
        let columns: Vec<u64> = (100..100 + result.channels()).map(random).collect();
        let mut sum = 0u64;
        for index in 0..result.elements() {
            let value = form.output(index, &a, &b).value as f32;
            let weight = rows[index / columns.len()].wrapping_mul(columns[index % columns.len()]);
            sum = sum.wrapping_add(whole(value).wrapping_mul(weight));
        }
        assert_eq!(form.projection(&a, &b, &rows, &columns), sum, "{}", op.name());
    }
}

#[test]
fn other_ops_are_no_products() {
    let shape = Shape::new(&[2, 3]);
    assert!(Trilinear::of(&Op::Add, [&shape, &shape], &shape).is_none());
}
