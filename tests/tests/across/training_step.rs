//! training_step
