//! Every op, and its gradient, against what PyTorch computed in float64.

mod case;
mod tolerance;

use crate::support::all_phases;
use case::{Case, Golden, cases};
use cpu_reference::{Interpreter, Real, Values, evaluate};
use graph::{Graph, Op, TensorId, TensorType, scalars};
use std::collections::{BTreeMap, BTreeSet};
use tolerance::{DOUBLE, SINGLE, allowed, allowed_of_gradient};

/// The ops whose gradient is not compared here: those that nothing is differentiated through, and
/// gradients, whose own are held to differences in `second_derivatives.rs`.
const WITHOUT_GRADIENT: [&str; 18] = [
    "fill",
    "copy",
    "accumulate",
    "leaky_relu_grad",
    "tanh_grad",
    "sigmoid_grad",
    "bce_with_logits_grad",
    "philox_bits",
    "normal",
    "scale_pixels",
    "dense_grad_input",
    "dense_grad_weight",
    "conv2d_grad_weight",
    "batch_norm_grad_gamma_beta",
    "batch_norm_grad_input",
    "batch_norm_running",
    "adam",
    "ema",
];

#[test]
fn every_op_has_goldens() {
    let cases = cases();
    let names = |wanted: fn(&Case) -> bool| -> BTreeSet<&str> {
        cases.iter().filter(|case| wanted(case)).map(|case| case.op.name()).collect()
    };
    let kernels = BTreeSet::from_iter(Op::KERNELS.iter().copied());
    assert_eq!(names(|_| true), kernels, "tests/golden/ops.py makes goldens of every op");
    // PyTorch shows nobody its Philox words; these come from an implementation in plain integers
    // that is held to the published vectors.
    let elsewhere = names(|case| case.reference.starts_with("not PyTorch"));
    assert_eq!(elsewhere, BTreeSet::from(["philox_bits"]));
    let with_gradient = names(|case| case.gradient.is_some());
    assert_eq!(&kernels - &with_gradient, BTreeSet::from(WITHOUT_GRADIENT));
}

#[test]
fn ops_agree_in_f64() {
    check_all("results in f64", &cases(), check_results::<f64>, DOUBLE);
}

#[test]
fn ops_agree_in_f32() {
    check_all("results in f32", &cases(), check_results::<f32>, SINGLE);
}

#[test]
fn gradients_agree_in_f64() {
    check_all("gradients in f64", &with_gradients(), check_gradients::<f64>, DOUBLE);
}

#[test]
fn gradients_agree_in_f32() {
    check_all("gradients in f32", &with_gradients(), check_gradients::<f32>, SINGLE);
}

/// One golden number that is off by ten times what is allowed fails the comparison, and so does one
/// that is none: in each result of each step of each case, and in each gradient.
#[test]
fn one_wrong_number_is_found() {
    let mut planted = 0;
    for case in cases() {
        for step in 0..case.steps.len() {
            for place in 0..case.steps[step].results.len() {
                let allowed = allowed(&case, step, place, DOUBLE);
                for fault in faults(&allowed) {
                    let mut wrong = case.clone();
                    fault.plant(&mut wrong.steps[step].results[place]);
                    check_results::<f64>(&wrong, DOUBLE).unwrap_err();
                    planted += 1;
                }
            }
        }
        let gradients = case.gradient.iter().flat_map(|gradient| &gradient.gradients);
        for (place, golden) in gradients.enumerate() {
            if golden.is_none() {
                continue;
            }
            for fault in faults(&allowed_of_gradient(&case, place, DOUBLE)) {
                let mut wrong = case.clone();
                let gradients = &mut wrong.gradient.as_mut().unwrap().gradients;
                fault.plant(gradients[place].as_mut().unwrap());
                check_gradients::<f64>(&wrong, DOUBLE).unwrap_err();
                planted += 1;
            }
        }
    }
    assert!(planted > 500, "{planted}");
}

/// A change to one element.
struct Fault {
    place: usize,
    by: f64,
}

impl Fault {
    fn plant(&self, golden: &mut Golden) {
        golden.values[self.place] += self.by;
    }
}

/// In the middle and at the end.
fn faults(allowed: &[f64]) -> [Fault; 3] {
    let [middle, end] = [allowed.len() / 2, allowed.len() - 1];
    let off = |place: usize| {
        let exact = allowed[place] == 0.0;
        Fault { place, by: if exact { 1.0 } else { 10.0 * allowed[place] } }
    };
    [off(middle), off(end), Fault { place: middle, by: f64::NAN }]
}

/// Prints the worst error of each op.
fn check_all(
    what: &str,
    cases: &[Case],
    check: fn(&Case, f64) -> Result<f64, String>,
    precision: f64,
) {
    let mut worst: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    for case in cases {
        let ratio = check(case, precision).unwrap_or_else(|wrong| panic!("{what}: {wrong}"));
        let (cases, most) = worst.entry(case.op.name()).or_default();
        (*cases, *most) = (*cases + 1, most.max(ratio));
    }
    for (op, (cases, worst)) in worst {
        println!("{what}, {op}: {cases} cases, worst error {worst:.3} of what is allowed");
    }
}

/// Runs every step of a case, each on what the one before left in place. The worst error over what
/// is allowed, or what is wrong.
fn check_results<T: Real>(case: &Case, precision: f64) -> Result<f64, String> {
    let golden = |operand: &Option<Golden>| operand.clone().expect("a first step has operands");
    let first: Vec<Golden> = case.steps[0].operands.iter().map(golden).collect();
    let mut values: Vec<Values<T>> = first.iter().map(Golden::operand).collect();
    let mut worst: f64 = 0.0;
    for (number, step) in case.steps.iter().enumerate() {
        for (value, operand) in values.iter_mut().zip(&step.operands) {
            if let Some(operand) = operand {
                *value = operand.operand();
            }
        }
        let operands: Vec<_> = first.iter().map(|golden| &golden.ty).zip(&values).collect();
        let types: Vec<TensorType> = step.results.iter().map(|golden| golden.ty.clone()).collect();
        let made = evaluate(&case.op, &operands, &types, &step.scalars);
        assert_eq!(made.len(), step.results.len(), "{}", case.name);
        for (place, (made, golden)) in made.iter().zip(&step.results).enumerate() {
            let ratio = compare(made, golden, &allowed(case, number, place, precision));
            let label = || format!("{}, step {number}, result {place}", case.name);
            worst = worst.max(ratio.map_err(|wrong| format!("{}: {wrong}", label()))?);
        }
        for (&place, made) in case.op.in_place_operands().iter().zip(made) {
            values[place] = made;
        }
    }
    Ok(worst)
}

fn with_gradients() -> Vec<Case> {
    cases().into_iter().filter(|case| case.gradient.is_some()).collect()
}

/// Differentiates the op of a case with gradients in a graph, and runs that.
fn check_gradients<T: Real>(case: &Case, precision: f64) -> Result<f64, String> {
    let gradient = case.gradient.as_ref().unwrap();
    let mut graph = Graph::new("golden");
    let operands: Vec<&Golden> = case.steps[0].operands.iter().flatten().collect();
    let input = |graph: &mut Graph, golden: &Golden| graph.input(golden.ty.clone()).unwrap();
    let sources: Vec<TensorId> = operands.iter().map(|golden| input(&mut graph, golden)).collect();
    let seeds: Vec<TensorId> =
        gradient.seeds.iter().map(|golden| input(&mut graph, golden)).collect();
    let mut of_op = sources.clone();
    if case.of_the_batch {
        (of_op[1], of_op[2]) = graph.batch_norm_statistics(sources[0]).unwrap();
    }
    let results = graph.push(case.op.clone(), &of_op).unwrap();
    let seeded: Vec<_> = results.iter().copied().zip(seeds.iter().copied().map(Some)).collect();
    let places: Vec<usize> =
        (0..sources.len()).filter(|&place| gradient.gradients[place].is_some()).collect();
    let wanted: Vec<TensorId> = places.iter().map(|&place| sources[place]).collect();
    let gradients = graph.gradient(&seeded, &wanted).unwrap();
    gradients.iter().for_each(|&gradient| graph.output(gradient));

    let mut interpreter = Interpreter::<T>::new(graph);
    let inputs = sources.iter().zip(operands).chain(seeds.iter().zip(&gradient.seeds));
    inputs.for_each(|(&input, golden)| interpreter.write_input(input, golden.operand()));
    for scalar in [scalars::SEED_LOW, scalars::SEED_HIGH, scalars::STEP, scalars::FIRST_SAMPLE] {
        interpreter.set_scalar(scalar, case.steps[0].scalars[scalar.index()]);
    }
    interpreter.run(&all_phases(interpreter.graph())).unwrap();
    let mut worst: f64 = 0.0;
    for (found, place) in gradients.into_iter().zip(places) {
        let golden = gradient.gradients[place].as_ref().unwrap();
        assert_eq!(*interpreter.graph().ty(found), golden.ty, "{}", case.name);
        let found = interpreter.value(found).unwrap();
        let ratio = compare(found, golden, &allowed_of_gradient(case, place, precision));
        let label = || format!("{}, gradient of operand {place}", case.name);
        worst = worst.max(ratio.map_err(|wrong| format!("{}: {wrong}", label()))?);
    }
    Ok(worst)
}

/// The worst error over what is allowed, or the first element that is off by more. A NaN fails.
fn compare<T: Real>(found: &Values<T>, golden: &Golden, allowed: &[f64]) -> Result<f64, String> {
    let found: Vec<f64> = match found {
        Values::Real(values) => values.iter().map(|x| x.to_f64().unwrap()).collect(),
        Values::U32(words) => words.iter().copied().map(f64::from).collect(),
        Values::U8(bytes) => bytes.iter().copied().map(f64::from).collect(),
    };
    if found.len() != golden.values.len() {
        return Err(format!("{} elements, not {}", found.len(), golden.values.len()));
    }
    let mut worst: f64 = 0.0;
    for (place, (found, expected)) in found.iter().zip(&golden.values).enumerate() {
        match ((found - expected).abs(), allowed[place]) {
            (0.0, 0.0) => {}
            (error, allowed) if error <= allowed => worst = worst.max(error / allowed),
            _ => return Err(format!("element {place} is {found:e}, in PyTorch {expected:e}")),
        }
    }
    Ok(worst)
}
