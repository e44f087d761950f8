//! average += rate · (value - average).

use super::FEW;
use crate::{
    Family, Gradient, Level, OpCase, Proof, Reference, scalar_ids,
    shapes::{many, odd_and_quads, pointwise},
};
use graph::Op;

pub(super) fn proof() -> Proof {
    let op = Op::Ema { rate: scalar_ids()[0] };
    let at = |rates: &[f32], cases: Vec<OpCase>| -> Vec<OpCase> {
        let of =
            |&rate: &f32| cases.clone().into_iter().map(move |case| case.with_scalars(&[rate]));
        rates.iter().flat_map(of).collect()
    };
    let rates = [0.0, 0.004, 0.2, 1.0];
    let gradient = Gradient::None("differentiation stops at storage, which it changes");
    Proof::new("ema", Reference::PyTorch, gradient)
        .group("small", Level::Quick, at(&rates[1..], odd_and_quads(&op, 2)), FEW)
        .group("shapes", Level::Full, at(&rates, pointwise(&op, 2)), Family::all())
        .group("many-workgroups", Level::Full, at(&[0.2], vec![many(&op, 2)]), [Family::Normal])
}
