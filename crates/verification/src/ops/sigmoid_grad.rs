//! dx = grad · y · (1 - y).

use super::FEW;
use crate::{
    Family, Gradient, Level, Proof, Reference,
    shapes::{many, pointwise, small},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    Proof::new("sigmoid_grad", Reference::PyTorch, Gradient::Once)
        .group("small", Level::Quick, small(&Op::SigmoidGrad, 2), FEW)
        .group("shapes", Level::Full, pointwise(&Op::SigmoidGrad, 2), Family::all())
        .group("many-workgroups", Level::Full, [many(&Op::SigmoidGrad, 2)], [Family::Normal])
}
