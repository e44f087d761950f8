//! How training is, judged from what is measured of it.
//!
//! [`Signals`] are measured of one step by [`TrainingStep::watch`](crate::step::TrainingStep::watch);
//! a [`Judge`] makes a [`Verdict`] of those of a run's latest lines.

mod judge;
mod signals;

pub use judge::{
    BEGUN_BY_IMAGES, DIVERSITY_AT_LEAST, FALLEN_TO, IMAGES_AT_LEAST, Judge, LINES_AT_LEAST,
    LOSING_LOSS, Line, REALS_VARY, UPDATE_AT_LEAST, Verdict, WINDOW_IMAGES, WINNING_ACCURACY,
    WINNING_D_FAKE, diversity,
};
pub use signals::{Evidence, OfBoth, Signals};

#[cfg(test)]
mod tests;
