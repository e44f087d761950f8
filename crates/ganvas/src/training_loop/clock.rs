//! How long things take: between lines, between ticks that are shown, and over the session.

use gan::trainer::Trainer;
use std::time::{Duration, Instant};

/// Measures from the start of a session.
pub(super) struct Clock {
    started: Instant,
    /// Where training began, or went on after it went back.
    stretch: (Instant, u64),
    /// Since the last line of `stats.jsonl`.
    logged: Lap,
    /// Since the last tick that was shown.
    shown: Lap,
}

/// A stretch of training.
#[derive(Clone, Copy)]
struct Lap {
    began: Instant,
    /// Images done before it.
    images: u64,
    /// The time of snapshots in it.
    left_out: Duration,
}

impl Lap {
    fn from(images: u64) -> Self {
        Self { began: Instant::now(), images, left_out: Duration::ZERO }
    }

    /// Begins the next lap, when so many images are done. Returns the images a second of this one.
    fn next(&mut self, images: u64) -> f64 {
        let training = self.began.elapsed().saturating_sub(self.left_out);
        let rate = (images - self.images) as f64 / training.as_secs_f64().max(1e-9);
        *self = Self::from(images);
        rate
    }
}

impl Clock {
    pub(super) fn start(trainer: &Trainer) -> Self {
        let lap = Lap::from(trainer.images());
        Self { started: lap.began, stretch: (lap.began, trainer.steps()), logged: lap, shown: lap }
    }

    /// Measures from where training goes on after it went back.
    pub(super) fn go_back(&mut self, trainer: &Trainer) {
        let lap = Lap::from(trainer.images());
        (self.logged, self.shown, self.stretch) = (lap, lap, (lap.began, trainer.steps()));
    }

    /// The time since the start.
    pub(super) fn session(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn since_shown(&self) -> Duration {
        self.shown.began.elapsed()
    }

    /// Images since the last tick that was shown, when so many are done.
    pub(super) fn images_since_shown(&self, images: u64) -> u64 {
        images.saturating_sub(self.shown.images)
    }

    /// Images a second since the last tick that was shown, as another is when so many are done.
    pub(super) fn shown(&mut self, images: u64) -> f64 {
        self.shown.next(images)
    }

    /// Images a second since the last line, as another is written when so many are done.
    pub(super) fn logged(&mut self, images: u64) -> f64 {
        self.logged.next(images)
    }

    /// Keeps a snapshot's time out of the speed.
    pub(super) fn leave_out(&mut self, time: Duration) {
        self.logged.left_out += time;
        self.shown.left_out += time;
    }

    /// The time for so many more steps, as fast as those up to `step` since training last went back.
    pub(super) fn time_for(&self, steps_left: u64, step: u64) -> Option<Duration> {
        let (began, first_step) = self.stretch;
        let done = step.checked_sub(first_step).filter(|&done| done > 0 && steps_left > 0)?;
        let seconds = began.elapsed().as_secs_f64() / done as f64 * steps_left as f64;
        Duration::try_from_secs_f64(seconds).ok()
    }
}
