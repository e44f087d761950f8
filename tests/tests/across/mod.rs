//! What crosses kernels.

mod determinism;
mod plan;
mod shaders;
mod teeth;
mod training_step;
