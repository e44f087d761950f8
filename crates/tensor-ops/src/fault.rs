//! Faults that can be planted into a kernel, to show that checks find them. Training plants none.

use crate::{Edit, launch::Launch};

/// A fault in every kernel of one op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The op's name.
    pub op: &'static str,
    /// What is wrong with it.
    pub change: Change,
}

/// What a fault does to a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The shader has another text. Variants without the text that is replaced stay as they are.
    Text(Edit),
    /// The last dispatch does not run: the result is whatever its memory held.
    Stale,
    /// The dispatches run in reverse, as they may where a barrier between them is missing. A kernel
    /// of one dispatch stays as it is.
    NoBarrier,
}

impl Fault {
    /// Puts the fault into the dispatches of one kernel, if it is one of the op's.
    pub(crate) fn plant(&self, launches: &mut Vec<Launch>) {
        if launches.first().is_none_or(|launch| launch.shader.op != self.op) {
            return;
        }
        match self.change {
            Change::Text(edit) => {
                for launch in launches {
                    launch.shader.edit = Some(edit);
                }
            }
            Change::Stale => _ = launches.pop(),
            Change::NoBarrier => launches.reverse(),
        }
    }
}
