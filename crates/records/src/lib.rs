//! What a run leaves to look at: TensorBoard event files and a page.
//!
//! [`events`] writes what TensorBoard reads. [`page`] makes one HTML page of a [`history`] and of
//! pictures. Both take and give bytes: files and clocks are the caller's.

pub mod charts;
pub mod events;
pub mod history;
mod leaves;
mod messages;
pub mod page;
mod plot;
pub mod tfrecord;

pub use leaves::number;
