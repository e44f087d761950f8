//! Runs a graph on a GPU with hand-written WGSL.
//!
//! [`adapters`] lists what there is, [`Adapter::open`] gives a [`Gpu`], [`Plan::compile`] turns a
//! [`graph::Graph`] into pipelines, buffers and bind groups once, and [`Plan::run`] replays them.
//! Every op is one file in `ops/` around one shader of the repository's `shaders/`.
//!
//! All futures make progress by themselves, and nothing here blocks.

mod adapter;
mod error;
mod fault;
mod gpu;
mod inspect;
mod launch;
mod limits;
mod memory;
mod ops;
mod pipeline;
mod plan;
#[cfg(not(target_arch = "wasm32"))]
mod poller;
mod readback;
mod shaders;
mod timing;
mod variant;

pub use adapter::{Adapter, AdapterKind, adapters};
pub use error::{DeviceError, PlanError};
pub use fault::{Change, Fault};
pub use gpu::{Created, Gpu};
pub use launch::MAX_LOOP_ITERATIONS;
pub use memory::Memory;
pub use ops::{Dispatch, Product, dispatches_of, products_of, shaders_of};
pub use pipeline::{Access, Checks, Edit, Shader};
pub use plan::{FAULT_GUARD_BYTES, Plan, PlanOptions};
pub use readback::Readback;
pub use timing::{Clock, HostClock, Program, Timed};
pub use variant::{Choices, Processor, SharedTile, SubgroupTile, Traits, Variant};
