//! Mean and biased variance of each channel.

use crate::batch_norm::SHAPES;
use ganvas_tests::{Family, OpCase, Suite};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    SHAPES.iter().map(|dims| OpCase::new(Op::BatchNormStatistics, &[dims])).collect()
}

#[test]
fn every_family_agrees() {
    Suite::new("batch_norm_statistics").check_all(&cases(), Family::all());
}

#[test]
fn layers_of_whole_batches_agree() {
    let layers: [&[usize]; 3] = [&[64, 14, 14, 64], &[64, 7, 7, 128], &[64, 12_544]];
    let cases = layers.map(|dims| OpCase::new(Op::BatchNormStatistics, &[dims]));
    let families = [Family::Normal, Family::Shifted];
    Suite::new("batch_norm_statistics, layers").check_all(&cases, families);
}
