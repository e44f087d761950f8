//! How far an op in Rust may be from the same op in PyTorch.

use super::case::{Case, Golden};
use graph::Op;

/// What is allowed in f64, relative to the scale of each element.
pub(crate) const DOUBLE: f64 = 1e-12;
/// What is allowed in f32, likewise: some 30 roundings.
pub(crate) const SINGLE: f64 = 2e-6;
/// The inverse CDF that draws normal numbers is published as accurate to about 10⁻⁷.
const INVERSE_CDF: f64 = 2e-7;
/// Numbers that a graph holds in f32, whatever it runs in, are wrong by half of this at most.
const ROUNDED: f64 = f32::EPSILON as f64;

/// How far each element of a result may be off: relative to itself where nothing cancels in it, to
/// the greatest element elsewhere.
pub(crate) fn allowed(case: &Case, step: usize, place: usize, precision: f64) -> Vec<f64> {
    let golden = &case.steps[step].results[place];
    match case.op {
        Op::PhiloxBits { .. } => vec![0.0; golden.values.len()],
        Op::Normal { .. } => relative(golden, precision.max(INVERSE_CDF)),
        Op::Fill { .. }
        | Op::Copy
        | Op::Multiply
        | Op::Reciprocal
        | Op::SquareRoot
        | Op::LeakyRelu { .. }
        | Op::LeakyReluGrad { .. }
        | Op::Tanh
        | Op::Sigmoid
        | Op::Dropout { .. } => relative(golden, precision),
        Op::BatchNormGradInput { epsilon } => {
            let operands: Vec<&Golden> = case.steps[step].operands.iter().flatten().collect();
            let scale = before_cancelling(operands[0], [operands[3], operands[4]], epsilon);
            vec![precision * scale; golden.values.len()]
        }
        // The step size and the correction, both rounded.
        Op::Adam { .. } if place == 0 => {
            let mut allowed = relative_to_greatest(golden, precision);
            let mut before = case.steps[0].operands[0].as_ref().unwrap();
            for step in &case.steps[..=step] {
                let after = &step.results[0];
                for (place, allowed) in allowed.iter_mut().enumerate() {
                    *allowed += ROUNDED * (after.values[place] - before.values[place]).abs();
                }
                before = after;
            }
            allowed
        }
        _ => relative_to_greatest(golden, precision),
    }
}

/// The same for the gradient of an operand.
pub(crate) fn allowed_of_gradient(case: &Case, place: usize, precision: f64) -> Vec<f64> {
    let gradient = case.gradient.as_ref().unwrap();
    let golden = gradient.gradients[place].as_ref().unwrap();
    match case.op {
        Op::BatchNorm { epsilon } if place == 0 => {
            let operands: Vec<&Golden> = case.steps[0].operands.iter().flatten().collect();
            let vectors = [operands[2], operands[3]];
            let scale = before_cancelling(&gradient.seeds[0], vectors, epsilon);
            vec![precision * scale; golden.values.len()]
        }
        // One over the number of rows.
        Op::BatchNormStatistics => relative_to_greatest(golden, precision.max(ROUNDED)),
        _ => relative_to_greatest(golden, precision),
    }
}

/// The greatest γ/√(variance + epsilon) · grad, of which batch norm's gradient is what is left when
/// its mean and its share along x̂ are taken away: with two samples next to nothing.
fn before_cancelling(grad: &Golden, [variance, gamma]: [&Golden; 2], epsilon: f32) -> f64 {
    let channels = gamma.values.len();
    let scaled = grad.values.iter().enumerate().map(|(place, grad)| {
        let channel = place % channels;
        let deviation = (variance.values[channel] + f64::from(epsilon)).sqrt();
        (gamma.values[channel] / deviation * grad).abs()
    });
    scaled.fold(0.0, f64::max)
}

fn relative(golden: &Golden, precision: f64) -> Vec<f64> {
    golden.values.iter().map(|x| precision * x.abs()).collect()
}

fn relative_to_greatest(golden: &Golden, precision: f64) -> Vec<f64> {
    let greatest = golden.values.iter().fold(0.0, |greatest: f64, x| greatest.max(x.abs()));
    vec![precision * greatest; golden.values.len()]
}
