//! Measures an adapter's ceilings, then Ganvas's kernels and training steps against them.
//!
//! [`ceilings`] finds what an adapter can do at most. [`kernels`] takes a training step apart into
//! its different kernels, [`work`] counts what each must do at least, and [`step`] has steps whole.
//! [`stopwatch`] says how long they take, [`session`] puts all of it together, and [`report`] and
//! [`plot`] show it, as `ganvas bench` does.

pub mod ceilings;
pub mod kernels;
pub mod plot;
pub mod report;
pub mod session;
pub mod step;
pub mod stopwatch;
pub mod work;

mod numbers;
