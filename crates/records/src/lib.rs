//! What a run leaves to look at: TensorBoard event files, a page and an animation.
//!
//! [`events`] writes what TensorBoard reads. [`page`] makes one HTML page of a [`history`] and of
//! pictures, and [`animation`] a GIF of pictures. All take and give bytes: files and clocks are the
//! caller's.

pub mod animation;
pub mod charts;
pub mod events;
pub mod history;
mod leaves;
mod messages;
pub mod page;
mod plot;
pub mod tfrecord;

pub use leaves::number;
