//! dx = grad · (1 - y²).

use super::FEW;
use crate::{
    Family, Gradient, Law, Level, Proof, Reference,
    shapes::{many, pointwise, small},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    Proof::new("tanh_grad", Reference::PyTorch, Gradient::Once)
        .laws(&[Law::Linear])
        .group("small", Level::Quick, small(&Op::TanhGrad, 2), FEW)
        .group("shapes", Level::Full, pointwise(&Op::TanhGrad, 2), Family::all())
        .group("many-workgroups", Level::Full, [many(&Op::TanhGrad, 2)], [Family::Normal])
}
