//! The harness that holds every kernel to its CPU twin in f64.
//!
//! An [`OpCase`] is an op on operands of given shapes. [`Suite::check`] fills the operands from a
//! [`Family`], runs the op on the adapter under test in every form that a plan can give it, with
//! poisoned results, and compares with the reference: an element passes if
//! `|found - expected| <= allowed`, which a NaN never does. What is allowed is decided in
//! [`tolerance`], and nowhere else.

pub mod compare;
mod counting;
mod families;
mod gpu;
mod op_case;
mod reference;
mod runner;
pub mod shapes;
mod suite;
pub mod tolerance;
pub mod windows;

pub use compare::{Expected, Mismatch};
pub use families::Family;
pub use gpu::{accepts, adapter_under_test, fresh_gpu, gpu};
pub use op_case::{Lie, OpCase, scalar_ids};
pub use reference::expect_kernel;
pub use runner::{Form, Outcome, run};
pub use suite::{Suite, count_cases, expect, verify};
