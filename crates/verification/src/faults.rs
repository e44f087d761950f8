//! A catalogue of faults that can be planted into the kernels, each of which the checks must find.
//!
//! A fault can be planted where shaders are compiled without checks: it reads and writes within its
//! tensors, or, where it is [`Kind::PastTheEnd`], at most
//! [`FAULT_GUARD_BYTES`](tensor_ops::FAULT_GUARD_BYTES) behind them, whatever their extents. Every
//! plan with a fault keeps so many bytes free behind each buffer and lets kernels reach them.

mod elements;
mod products;
mod random;
mod reductions;
mod shared_tiles;

use graph::Graph;
use tensor_ops::{Change, Fault, Traits, shaders_of};

/// A fault that can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlantedFault {
    /// The op and what is wrong with it, as `conv2d:dropped-tap`.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// What is planted.
    pub fault: Fault,
}

/// What kind of mistake a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A tap of a convolution, or another term of a sum, is left out.
    DroppedTap,
    /// One axis is taken for another.
    SwappedAxis,
    /// A result that is not written.
    Stale,
    /// A NaN in one place.
    Nan,
    /// What one dispatch, or one invocation, reads is not yet written by another.
    NoBarrier,
    /// One element, or one row of padding, too few or too many.
    OffByOne,
    /// Something read or written behind a tensor, which is right in all that is its own.
    PastTheEnd,
    /// A wrong formula.
    WrongTerm,
}

impl Kind {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::DroppedTap => "dropped tap",
            Self::SwappedAxis => "swapped axis",
            Self::Stale => "stale buffer",
            Self::Nan => "NaN",
            Self::NoBarrier => "missing barrier",
            Self::OffByOne => "off by one",
            Self::PastTheEnd => "past the end",
            Self::WrongTerm => "wrong term",
        }
    }
}

/// Every fault, by op.
pub fn faults() -> Vec<PlantedFault> {
    let mut faults = elements::faults();
    faults.extend(random::faults());
    faults.extend(reductions::faults());
    faults.extend(products::faults());
    faults.extend(shared_tiles::faults());
    faults
}

impl PlantedFault {
    /// Whether it makes a difference to a graph's kernels on an adapter of these traits: whether
    /// the text that it replaces is in one of them, or the dispatch that it moves.
    pub fn touches(&self, graph: &Graph, traits: Traits) -> bool {
        let shaders = shaders_of(graph, traits).into_iter();
        let mut of_op = shaders.filter(|shader| shader.op == self.fault.op);
        match self.fault.change {
            Change::Text(edit) => of_op.any(|shader| shader.source().contains(edit.from)),
            Change::Stale => of_op.next().is_some(),
            Change::NoBarrier => of_op.count() > 1,
        }
    }
}

/// A fault in an op's text.
macro_rules! text {
    ($kind:ident $op:literal, $name:literal, $from:expr => $to:expr) => {
        $crate::faults::PlantedFault {
            name: concat!($op, ":", $name),
            kind: $crate::faults::Kind::$kind,
            fault: tensor_ops::Fault {
                op: $op,
                change: tensor_ops::Change::Text(tensor_ops::Edit { from: $from, to: $to }),
            },
        }
    };
}

/// The last dispatch of an op's kernels does not run.
macro_rules! stale {
    ($op:literal) => {
        $crate::faults::PlantedFault {
            name: concat!($op, ":stale"),
            kind: $crate::faults::Kind::Stale,
            fault: tensor_ops::Fault { op: $op, change: tensor_ops::Change::Stale },
        }
    };
}

/// The dispatches of an op's kernels run in reverse.
macro_rules! no_barrier {
    ($op:literal) => {
        $crate::faults::PlantedFault {
            name: concat!($op, ":no-barrier"),
            kind: $crate::faults::Kind::NoBarrier,
            fault: tensor_ops::Fault { op: $op, change: tensor_ops::Change::NoBarrier },
        }
    };
}

/// What every op has over whose lanes invocations are dealt out: a NaN in the last lane, which the
/// op keeps by a statement that ends with `$stored;`, nothing in the last lane, something in eight
/// lanes more, nothing at all.
macro_rules! lanes {
    ($op:literal, $stored:literal) => {
        [
            stale!($op),
            text!(OffByOne $op, "last-lane", "lane < params.lanes" => "lane + 1u < params.lanes"),
            text!(PastTheEnd $op, "past-the-end", "lane < params.lanes" => "lane < params.lanes + 8u"),
            text!(Nan $op, "nan", concat!($stored, ";") => concat!(
                $stored,
                " + Lane(bitcast<f32>(select(0u, 0x7fc00000u, lane + 1u == params.lanes)));"
            )),
        ]
    };
}

use {lanes, no_barrier, stale, text};

#[cfg(test)]
mod tests;
