//! What crosses kernels.

mod determinism;
mod loop_limit;
mod lost_device;
mod plan;
mod shaders;
mod step;
mod teeth;
mod trainer;
mod training_step;
mod whole_step;
