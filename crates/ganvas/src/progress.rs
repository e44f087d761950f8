//! What is printed while training goes on: a bar on a terminal, plain lines elsewhere.

use gan::trainer::Metrics;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    time::Duration,
};

/// One line of `stats.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Tick {
    /// Steps done.
    pub(crate) step: u64,
    /// The last of them that the losses are averages over.
    pub(crate) steps: u64,
    /// Thousands of images seen.
    pub(crate) kimg: f64,
    /// Seconds of training, over all sessions of the run.
    pub(crate) seconds: f64,
    /// Since the last line, or the last tick that was shown; snapshots left out.
    pub(crate) images_per_second: f64,
    pub(crate) loss_d: f64,
    pub(crate) loss_g: f64,
    pub(crate) d_real: f64,
    pub(crate) d_fake: f64,
}

impl Tick {
    /// The tick of these averages.
    pub(crate) fn new(metrics: &Metrics, step: u64, images: u64) -> Self {
        let Metrics { steps, loss_d, loss_g, d_real, d_fake } = *metrics;
        Self {
            step,
            steps,
            kimg: images as f64 / 1000.0,
            seconds: 0.0,
            images_per_second: 0.0,
            loss_d,
            loss_g,
            d_real,
            d_fake,
        }
    }
}

/// Prints progress.
#[derive(Clone)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    kimg: f64,
}

impl Progress {
    /// For training up to `kimg` thousands of images in `steps` steps.
    pub(crate) fn new(kimg: f64, steps: u64, steps_done: u64) -> Self {
        let style = ProgressStyle::with_template("{bar:40} {msg}\n{prefix}").ok();
        let bar = style.filter(|_| io::stderr().is_terminal()).map(|style| {
            let bar = ProgressBar::new(steps).with_style(style.progress_chars("━╸─"));
            bar.set_position(steps_done);
            bar.set_message(format!("of {kimg} kimg"));
            bar
        });
        Self { bar, kimg }
    }

    /// Moves the bar by a step.
    pub(crate) fn step(&self, steps_done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(steps_done);
        }
    }

    /// Shows a tick.
    pub(crate) fn tick(&self, tick: &Tick, left: Option<Duration>) {
        let amounts = self.amounts(tick, left);
        match &self.bar {
            Some(bar) => {
                bar.set_message(amounts);
                bar.set_prefix(losses(tick));
            }
            None => say(format_args!("{amounts}  {}", losses(tick))),
        }
    }

    /// Leaves the bar as it is.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.abandon();
        }
    }

    /// Prints a line above the bar.
    pub(crate) fn say(&self, line: impl Display) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(line)),
            None => say(line),
        }
    }

    fn amounts(&self, tick: &Tick, left: Option<Duration>) -> String {
        let Tick { kimg, images_per_second, .. } = *tick;
        let left = left.map_or(String::new(), |left| format!("  {} left", duration(left)));
        let rate = if images_per_second < 10.0 { 1 } else { 0 };
        let digits = match self.kimg {
            ..1.0 => 3,
            ..10.0 => 2,
            _ => 1,
        };
        format!("{kimg:.digits$}/{} kimg  {images_per_second:.rate$} images/s{left}", self.kimg)
    }
}

fn losses(tick: &Tick) -> String {
    let Tick { loss_d, loss_g, d_real, d_fake, .. } = *tick;
    format!("loss_d {loss_d:.3}  loss_g {loss_g:.3}  D(x) {d_real:.2}  D(G(z)) {d_fake:.2}")
}

/// Prints a line; a reader that has gone away does not stop training.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// A duration in its two greatest units.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// Seconds to a tenth.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Bytes in megabytes.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_two_units() {
        let said = [9, 61, 3_600 + 120, 90_000].map(|s| duration(Duration::from_secs(s)));
        assert_eq!(said, ["9 s", "1 min 1 s", "1 h 2 min", "1 d 1 h"]);
    }

    #[test]
    fn a_tick_in_words() {
        let metrics = Metrics { steps: 2, loss_d: 1.386, loss_g: 0.693, d_real: 0.5, d_fake: 0.25 };
        let tick = Tick { images_per_second: 251.3, ..Tick::new(&metrics, 187, 11_968) };
        let progress = Progress { bar: None, kimg: 300.0 };
        let amounts = progress.amounts(&tick, Some(Duration::from_secs(75)));
        assert_eq!(amounts, "12.0/300 kimg  251 images/s  1 min 15 s left");
        let amounts =
            Progress { kimg: 0.08, ..progress }.amounts(&Tick { kimg: 0.024, ..tick }, None);
        assert_eq!(amounts, "0.024/0.08 kimg  251 images/s");
        assert_eq!(losses(&tick), "loss_d 1.386  loss_g 0.693  D(x) 0.50  D(G(z)) 0.25");
    }
}
