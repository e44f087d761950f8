//! The running statistics move towards a batch's.

use ganvas_tests::{Family, OpCase, Suite, shapes::pointwise};
use graph::Op;

pub(crate) fn cases() -> Vec<OpCase> {
    let attributes = [(0.1, 2), (0.1, 3136), (1.0, 65), (0.0, 9)];
    let of =
        |&(momentum, count): &(f32, usize)| pointwise(&Op::BatchNormRunning { momentum, count }, 4);
    attributes.iter().flat_map(of).collect()
}

#[test]
fn every_family_agrees() {
    Suite::new("batch_norm_running").check_all(&cases(), Family::all());
}
