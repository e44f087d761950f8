//! γ·(x - mean)/√(variance + epsilon) + β, with and without a LeakyReLU behind it.

use crate::{
    Family, Gradient, Level, OpCase, Operands, Proof, Reference,
    proof::SEED,
    shapes::{MANY_ROWS, ROWS, SMALL_ROWS},
};
use cpu_reference::{Values, evaluate};
use graph::{Op, Shape, TensorType};

/// Added to the variance.
pub(super) const EPSILON: f32 = 1e-5;

/// What is run at once: numbers of which a mean is known, and those that make it hard.
pub(super) const FEW: [Family; 3] = [Family::Integers, Family::Normal, Family::Shifted];

pub(super) fn proof() -> Proof {
    let with_slope = |dims: &[usize]| [case(dims), case(dims).followed_by(false, Some(0.3))];
    let small = SMALL_ROWS.into_iter().flat_map(with_slope);
    let shapes = ROWS.into_iter().flat_map(with_slope);
    let many = case(&[MANY_ROWS, 3]);
    Proof::new("batch_norm", Reference::PyTorch, Gradient::Twice)
        .group("small", Level::Quick, small, FEW)
        .group("shapes", Level::Full, shapes, Family::all())
        .on(Operands::Made(of_the_batch))
        .group("evaluation", Level::Full, ROWS.map(case), Family::ROUNDED)
        .group("many-workgroups", Level::Full, [many], [Family::Normal])
        .on(Operands::Mapped(with_variances))
}

fn case(dims: &[usize]) -> OpCase {
    let channels = &dims[dims.len() - 1..];
    let op = Op::BatchNorm { epsilon: EPSILON };
    OpCase::new(op, &[dims, channels, channels, channels, channels])
}

fn of_the_batch(case: &OpCase, family: Family) -> Vec<Values<f64>> {
    let Batch { x, mean, variance, gamma, beta, .. } = Batch::new(&case.operands[0].shape, family);
    vec![x, mean, variance, gamma, beta]
}

/// In evaluation the statistics are not those of the batch; a variance is a mean of squares.
fn with_variances(place: usize, x: f32) -> f32 {
    if place == 2 { x.abs() } else { x }
}

/// What batch norm's ops take, the statistics those of x.
pub(super) struct Batch {
    pub(super) grad: Values<f64>,
    pub(super) x: Values<f64>,
    pub(super) mean: Values<f64>,
    pub(super) variance: Values<f64>,
    pub(super) gamma: Values<f64>,
    pub(super) beta: Values<f64>,
}

impl Batch {
    /// x of a family; the gradient and the parameters standard normal.
    pub(super) fn new(shape: &Shape, family: Family) -> Self {
        let channels = Shape::new(&[shape.channels()]);
        let fill =
            |family: Family, shape, place| Values::from_f32(&family.fill(shape, place, SEED));
        let x = fill(family, shape, 0);
        let (ty, vector) = (TensorType::f32(shape.dims()), TensorType::f32(channels.dims()));
        let types = [vector.clone(), vector];
        let statistics = evaluate(&Op::BatchNormStatistics, &[(&ty, &x)], &types, &[]);
        let [mean, variance] = [rounded(&statistics[0]), rounded(&statistics[1])];
        let normal = |shape, place| fill(Family::Normal, shape, place);
        let (gamma, beta) = (normal(&channels, 3), normal(&channels, 4));
        Self { grad: normal(shape, 5), x, mean, variance, gamma, beta }
    }
}

/// As f32 holds them.
pub(super) fn rounded(values: &Values<f64>) -> Values<f64> {
    let values: Vec<f32> = values.real().iter().map(|&value| value as f32).collect();
    Values::from_f32(&values)
}
