//! γ·(x - mean)/√(variance + epsilon) + β, with and without a LeakyReLU behind it.

use cpu_reference::{Values, evaluate};
use ganvas_tests::{Family, OpCase, Suite, shapes::MANY_ROWS};
use graph::{Op, Shape, TensorType};

pub(crate) const EPSILON: f32 = 1e-5;

/// Rows and channels around lanes, workgroups and splits of rows.
pub(crate) const SHAPES: [&[usize]; 14] = [
    &[2, 1],
    &[3, 5],
    &[4, 4],
    &[63, 3],
    &[64, 4],
    &[65, 5],
    &[17, 64],
    &[3, 2, 5, 1],
    &[2, 9, 7, 3],
    &[17, 6, 9, 5],
    &[64, 7, 5, 8],
    &[5, 28, 27, 16],
    &[64, 3136],
    &[3, 12_544],
];

/// What batch norm's ops take, the statistics those of x.
pub(crate) struct Operands {
    pub(crate) grad: Values<f64>,
    pub(crate) x: Values<f64>,
    pub(crate) mean: Values<f64>,
    pub(crate) variance: Values<f64>,
    pub(crate) gamma: Values<f64>,
    pub(crate) beta: Values<f64>,
}

impl Operands {
    pub(crate) fn new(dims: &[usize], family: Family) -> Self {
        let shape = Shape::new(dims);
        let channels = Shape::new(&[shape.channels()]);
        let x = Values::from_f32(&family.fill(&shape, 0, 1));
        let ty = TensorType { dtype: graph::DType::F32, shape: shape.clone() };
        let vector = TensorType::f32(channels.dims());
        let results = [vector.clone(), vector];
        let statistics = evaluate(&Op::BatchNormStatistics, &[(&ty, &x)], &results, &[]);
        let [mean, variance] = [rounded(&statistics[0]), rounded(&statistics[1])];
        let normal =
            |shape: &Shape, place: usize| Values::from_f32(&Family::Normal.fill(shape, place, 1));
        let (gamma, beta) = (normal(&channels, 3), normal(&channels, 4));
        Self { grad: normal(&shape, 5), x, mean, variance, gamma, beta }
    }
}

/// As f32 holds them.
pub(crate) fn rounded(values: &Values<f64>) -> Values<f64> {
    let values: Vec<f32> = values.real().iter().map(|&value| value as f32).collect();
    Values::from_f32(&values)
}

fn case(dims: &[usize]) -> OpCase {
    let channels = &dims[dims.len() - 1..];
    let op = Op::BatchNorm { epsilon: EPSILON };
    OpCase::new(op, &[dims, channels, channels, channels, channels])
}

pub(crate) fn cases() -> Vec<OpCase> {
    SHAPES.iter().map(|dims| case(dims)).collect()
}

#[test]
fn every_family_agrees() {
    let mut suite = Suite::new("batch_norm");
    for family in Family::all() {
        for dims in SHAPES {
            let Operands { x, mean, variance, gamma, beta, .. } = Operands::new(dims, family);
            let operands = [x, mean, variance, gamma, beta];
            suite.check_on(&case(dims), &operands, &format!("{family:?}"));
            let active = case(dims).followed_by(false, Some(0.3));
            suite.check_on(&active, &operands, &format!("{family:?}"));
        }
    }
}

/// In evaluation the statistics are not those of the batch.
#[test]
fn other_statistics_agree() {
    let suite = Suite::new("batch_norm, evaluation");
    let positive = |place, x: f32| if place == 2 { x.abs() } else { x };
    suite.on(positive).check_all(&cases(), Family::ROUNDED);
}

#[test]
fn more_workgroups_than_one_dimension_holds() {
    let positive = |place, x: f32| if place == 2 { x.abs() } else { x };
    let suite = Suite::new("batch_norm, large");
    suite.on(positive).check(&case(&[MANY_ROWS, 3]), Family::Normal);
}
