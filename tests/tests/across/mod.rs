//! What crosses kernels.

mod determinism;
mod faults;
mod golden;
mod loop_limit;
mod lost_device;
mod metrics;
mod plan;
mod sampling;
mod shaders;
mod teeth;
mod trace;
mod trainer;
mod training_step;
mod tuning;
mod verification_page;
mod whole_step;
