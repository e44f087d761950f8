//! The CPU twin of every kernel, in f64 (the truth that the GPU is held to) or f32 (to train
//! without a GPU): plain loops, one file an op, named as its shader.
//!
//! [`evaluate()`] computes one op on given operands, [`magnitude`] the scale of its rounding error,
//! and an [`Interpreter`] runs a whole [`Graph`](graph::Graph).

mod evaluate;
mod interpreter;
mod philox;
mod real;
mod values;

mod elements;
mod rows;
mod window;

mod accumulate;
mod adam;
mod add;
mod batch_norm;
mod batch_norm_grad_gamma_beta;
mod batch_norm_grad_input;
mod batch_norm_running;
mod batch_norm_statistics;
mod bce_with_logits;
mod bce_with_logits_grad;
mod bias;
mod broadcast;
mod conv2d;
mod conv2d_grad_weight;
mod conv_transpose2d;
mod copy;
mod dense;
mod dense_grad_input;
mod dense_grad_weight;
mod dropout;
mod ema;
mod fill;
mod leaky_relu;
mod leaky_relu_grad;
mod multiply;
mod normal;
mod philox_bits;
mod reciprocal;
mod scale;
mod scale_pixels;
mod sigmoid;
mod sigmoid_grad;
mod square_root;
mod sum;
mod tanh;
mod tanh_grad;

pub use evaluate::{evaluate, magnitude};
pub use interpreter::{InterpretError, Interpreter};
pub use philox::philox4x32_10;
pub use real::Real;
pub use values::Values;
