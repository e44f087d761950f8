//! Inputs, central differences, and the ops that were compared with them.

use cpu_reference::{Interpreter, Values, philox4x32_10};
use graph::{Graph, GraphError, PhaseId, Shape, TensorId, TensorType};
use std::{
    cell::RefCell,
    collections::{BTreeSet, HashSet},
};

pub(crate) type Built = Result<TensorId, GraphError>;

const EPSILON: f64 = 1e-6;
const ABSOLUTE: f64 = 1e-5;
const RELATIVE: f64 = 1e-3;

/// Values in [-1.5, 1.5), exact in f32.
pub(crate) fn values(elements: usize, seed: u32) -> Vec<f64> {
    words(elements, seed)
        .map(|word| f64::from(word >> 8) / f64::from(1 << 24) * 3.0 - 1.5)
        .collect()
}

/// Integers from -3 to 3.
pub(crate) fn integers(elements: usize, seed: u32) -> Vec<f64> {
    words(elements, seed).map(|word| f64::from(word % 7) - 3.0).collect()
}

fn words(elements: usize, seed: u32) -> impl Iterator<Item = u32> {
    (0..elements as u32).map(move |i| philox4x32_10([i, seed, 0, 0], [0; 2])[0])
}

pub(crate) fn all_phases(graph: &Graph) -> Vec<PhaseId> {
    graph.phases().map(|(phase, _)| phase).collect()
}

/// Runs all phases once on these inputs.
pub(crate) fn interpret(graph: &Graph, inputs: &[(TensorId, Vec<f64>)]) -> Interpreter<f64> {
    let mut interpreter = Interpreter::new(graph.clone());
    for (input, values) in inputs {
        interpreter.write_input(*input, Values::Real(values.clone()));
    }
    interpreter.run(&all_phases(graph)).unwrap();
    interpreter
}

pub(crate) fn real(interpreter: &Interpreter<f64>, tensor: TensorId) -> Vec<f64> {
    interpreter.value(tensor).unwrap().real().to_vec()
}

/// The sum of all elements, of shape \[1\].
pub(crate) fn total(graph: &mut Graph, x: TensorId) -> Built {
    let elements = graph.shape(x).elements();
    let flat = graph.reshape(x, &Shape::new(&[elements]))?;
    graph.sum(flat, &[0])
}

/// The sum of the squares of all elements, of shape \[1\].
pub(crate) fn sum_of_squares(graph: &mut Graph, x: TensorId) -> Built {
    let square = graph.multiply(x, x)?;
    total(graph, square)
}

/// Names of kernels.
type Names = BTreeSet<&'static str>;

thread_local! {
    static ONCE: RefCell<Names> = RefCell::default();
    static TWICE: RefCell<Names> = RefCell::default();
}

/// The ops that this thread compared with differences so far: their gradients, and the gradients
/// of these.
pub(crate) fn covered() -> [Names; 2] {
    [&ONCE, &TWICE].map(|names| names.with_borrow(Names::clone))
}

/// The kernels by which a result depends on its sources: those whose gradients it takes to
/// differentiate it.
fn differentiated(graph: &Graph, sources: &[TensorId], result: TensorId) -> Names {
    let mut depends: HashSet<TensorId> = sources.iter().copied().collect();
    for (_, node) in graph.nodes() {
        if node.operands.iter().any(|operand| depends.contains(operand)) {
            depends.extend(&node.results);
        }
    }
    let (mut needed, mut names) = (HashSet::from([result]), Names::new());
    for (_, node) in graph.nodes().rev() {
        let matters = |tensor: &TensorId| depends.contains(tensor) && needed.contains(tensor);
        if node.results.iter().any(matters) {
            needed.extend(&node.operands);
            names.extend(node.op.is_kernel().then_some(node.op.name()));
        }
    }
    names
}

/// Compares the gradient of a weighted sum of what `build` makes of inputs of these shapes with
/// central differences; returns the greatest absolute gradient of each input.
pub(crate) fn check_gradient(
    shapes: &[&[usize]],
    build: impl FnOnce(&mut Graph, &[TensorId]) -> Built,
) -> Vec<f64> {
    let mut graph = Graph::new("test");
    let sources: Vec<TensorId> =
        shapes.iter().map(|dims| graph.input(TensorType::f32(dims)).unwrap()).collect();
    let result = build(&mut graph, &sources).unwrap();
    let once = differentiated(&graph, &sources, result);
    let shape = graph.shape(result).clone();
    let weights: Vec<f32> = values(shape.elements(), 99).into_iter().map(|v| v as f32).collect();
    let weights = graph.constant(&weights, &shape).unwrap();
    let product = graph.multiply(result, weights).unwrap();
    let loss = total(&mut graph, product).unwrap();

    let mut forward = graph.clone();
    forward.output(loss);
    let gradients = graph.gradient(&[(result, Some(weights))], &sources).unwrap();
    for &gradient in &gradients {
        graph.output(gradient);
    }

    let mut inputs: Vec<(TensorId, Vec<f64>)> = sources
        .iter()
        .enumerate()
        .map(|(seed, &source)| (source, values(graph.shape(source).elements(), seed as u32)))
        .collect();
    let analytic = interpret(&graph, &inputs);
    let mut greatest = Vec::new();
    for (place, &gradient) in gradients.iter().enumerate() {
        assert_eq!(graph.shape(gradient), graph.shape(sources[place]));
        let analytic = real(&analytic, gradient);
        for (element, &analytic) in analytic.iter().enumerate() {
            let at = inputs[place].1[element];
            let mut loss_at = |value: f64| {
                inputs[place].1[element] = value;
                real(&interpret(&forward, &inputs), loss)[0]
            };
            let numeric = (loss_at(at + EPSILON) - loss_at(at - EPSILON)) / (2.0 * EPSILON);
            loss_at(at);
            assert!(
                (analytic - numeric).abs() <= ABSOLUTE + RELATIVE * numeric.abs(),
                "input {place} {:?}, element {element}: {analytic}, differences give {numeric}",
                shapes[place],
            );
        }
        greatest.push(analytic.iter().fold(0.0, |most: f64, g| most.max(g.abs())));
    }
    assert!(greatest.iter().any(|&most| most > 1e-3), "all gradients vanish: {greatest:?}");
    ONCE.with_borrow_mut(|names| names.extend(once));
    greatest
}

/// [`check_gradient`] for the sum of the squares of the gradient, with respect to all inputs, of a
/// weighted sum of what `build` makes of them.
pub(crate) fn check_second_derivative(
    shapes: &[&[usize]],
    build: impl FnOnce(&mut Graph, &[TensorId]) -> Built,
) -> Vec<f64> {
    let mut twice = Names::new();
    let greatest = check_gradient(shapes, |graph, sources| {
        let result = build(graph, sources)?;
        twice = differentiated(graph, sources, result);
        let shape = graph.shape(result).clone();
        let weights: Vec<f32> = values(shape.elements(), 77).iter().map(|&v| v as f32).collect();
        let weights = graph.constant(&weights, &shape)?;
        let gradients = graph.gradient(&[(result, Some(weights))], sources)?;
        let mut penalty = sum_of_squares(graph, gradients[0])?;
        for &gradient in &gradients[1..] {
            let more = sum_of_squares(graph, gradient)?;
            penalty = graph.add(penalty, more)?;
        }
        Ok(penalty)
    });
    TWICE.with_borrow_mut(|names| names.extend(twice));
    greatest
}
