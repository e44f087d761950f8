//! The number type that every op is generic over.

use num_traits::{Float, NumAssign};
use std::fmt::{Debug, Display};

/// f32 (the arithmetic of the GPU, and of training on the CPU) or f64 (the truth).
pub trait Real: Float + NumAssign + Default + Debug + Display + Send + Sync + 'static {
    /// The value, which f64 holds exactly and f32 after rounding.
    fn from_f64(value: f64) -> Self;

    /// The value, rounded where it is an f64.
    fn to_f32(self) -> f32;

    /// The value, exactly.
    fn from_f32(value: f32) -> Self {
        Self::from_f64(f64::from(value))
    }
}

impl Real for f32 {
    fn from_f64(value: f64) -> Self {
        value as Self
    }

    fn to_f32(self) -> f32 {
        self
    }
}

impl Real for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }

    fn to_f32(self) -> f32 {
        self as f32
    }
}
