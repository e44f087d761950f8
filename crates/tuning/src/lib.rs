//! Chooses the variant of each product of a training step for an adapter: by measuring, and among
//! correct ones only.
//!
//! [`workloads`] lists the different products of a step, [`tune`] checks each candidate against f64
//! sums, times those that agree, and stops when its budget is used up; a [`Cache`] keeps what was
//! found for an adapter, its driver and these kernels. Variants agree bit for bit on an adapter, so
//! a choice changes how long a step takes and nothing else.
//!
//! Nothing here touches files or reads a clock: both are the caller's.

mod cache;
mod check;
mod race;
mod search;
mod trilinear;
mod tune;
mod workload;

pub use cache::{Adapter, Cache, Unusable};
pub use check::Disagreement;
pub use tune::{Candidate, Finding, Measured, Progress, TuneError, Tuned, tune, tune_candidates};
pub use workload::{Workload, workloads};
