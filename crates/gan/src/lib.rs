//! Generative adversarial networks: networks as data, the training step as a graph, the loop over
//! it, image data and checkpoints.
//!
//! A [`Preset`](networks::Preset) yields two [`Network`](networks::Network)s;
//! [`TrainingStep`](step::TrainingStep) makes them one graph; a [`Trainer`](trainer::Trainer) runs
//! it on an [`Executor`](executor::Executor), step by step; a [`TrainState`](state::TrainState) is
//! all that has to be kept to go on, and [`checkpoint`] turns it into bytes and back. A
//! [`Trace`](trace::Trace) is every tensor of one step.
//!
//! Nothing here blocks or reads a clock, and only a [`Feed`](data::Feed) starts a thread. Interfaces
//! take bytes; what touches the file system is in [`files`] and in the part of [`data`] that walks
//! folders.

pub mod networks;
pub mod streams;

pub mod parameters;

pub mod forward;
pub mod sampling;
pub mod step;

mod compiled_step;
pub mod executor;
pub mod health;
pub mod options;
pub mod state;
pub mod trace;
pub mod trainer;
pub mod variants;

pub mod checkpoint;
pub mod export;
pub mod files;
pub mod weights;

pub mod data;
pub mod picture;
