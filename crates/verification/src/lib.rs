//! Proves every kernel on an adapter, and a whole training step kernel by kernel.
//!
//! [`proofs`] has one [`Proof`] an op: groups of cases, the numbers they are filled with, the laws
//! that hold. A [`Check`] runs one case in every form that a plan can give it, with poisoned
//! results between guards, and compares with the CPU twin in f64: an element passes if
//! `|found - expected| <= allowed`, which a NaN never does. What is allowed is decided in
//! [`tolerance`], and nowhere else. [`Doctor`] does all of it on a user's adapter.

mod check;
mod compare;
mod doctor;
mod families;
pub mod faults;
mod laws;
mod op_case;
mod ops;
mod proof;
mod reference;
mod report;
mod runner;
mod shapes;
pub mod step;
pub mod tolerance;
mod traps;
#[cfg(test)]
mod under_test;
mod windows;

pub(crate) use check::variant;
pub use check::{Check, Compared, Judged, Wrong, expect, forms_in_turn, unchecked_forms, verify};
pub use compare::{Expected, Mismatch, Unit};
pub use doctor::{Doctor, Selection, UnknownSelection, Work};
pub use families::{Family, Place};
pub use laws::Law;
pub(crate) use op_case::scalar_ids;
pub use op_case::{Lie, OpCase};
pub use ops::proofs;
pub use proof::{Gradient, Group, Level, Operands, Proof, Reference};
pub use report::{Failure, Findings, Tally};
pub use runner::{Form, Outcome, RunError, Violation, run};
pub use traps::{Effect, Trap, iterations_done};
pub use windows::WindowCase;
