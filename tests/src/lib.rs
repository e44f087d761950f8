//! The table of [`verification::proofs`], proven on the adapter under test.
//!
//! [`prove`] goes through the groups of an op and panics at what is wrong, [`run`] is for what is no
//! group of the table. What was compared is counted, so that tests that never ran are not taken for
//! tests that passed.

mod counting;
mod documented;
mod gpu;
mod prove;
mod random_geometry;

pub use counting::count_cases;
pub use documented::documented;
pub use gpu::{adapter_under_test, fresh_gpu, gpu};
pub use prove::{check_case, prove, run};
pub use random_geometry::random_geometry;
