//! The op set of Ganvas as data: what a training step computes, not how.
//!
//! A network is written once as a [`Graph`] of [`Op`]s with static shapes. [`Graph::gradient`]
//! extends the graph by its own derivative, and [`Schedule`] decides order, fusion and memory.
//! Executors (the GPU's in `tensor-ops`, the CPU's in `cpu-reference`) run what the schedule says.
//!
//! Nothing in this crate knows a GPU, a file or a clock.

mod build;
mod differentiate;
mod error;
mod graph;
mod liveness;
mod op;
mod schedule;
mod shape;
mod shape_rules;
mod window;

pub use error::GraphError;
pub use graph::{
    Graph, Node, NodeId, PhaseId, ScalarId, Storage, StorageId, Tensor, TensorId, scalars,
};
pub use op::Op;
pub use schedule::{Epilogue, Kernel, Placement, PooledBuffer, Schedule};
pub use shape::{DType, Shape, TensorType};
pub use window::{Padding, Window};
