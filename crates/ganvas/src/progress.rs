//! What is printed while training goes on: a bar on a terminal, plain lines elsewhere.

use crate::{
    output::{Answers, bar, event, manner, say},
    preview::{Preview, Sheet},
    record::{Record, RollbackRecord},
};
use console::{Term, measure_text_width, truncate_str};
use gan::{
    health::{Evidence, Signals, Verdict, diversity},
    trainer::Metrics,
};
use indicatif::ProgressBar;
use serde::Serialize;
use std::{
    fmt::Display,
    io::{self, IsTerminal},
    path::Path,
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
    /// L2 norms of the last step's gradients.
    pub(crate) grad_norm_d: f64,
    pub(crate) grad_norm_g: f64,
    /// What the run holds on the device.
    pub(crate) memory_bytes: u64,
    pub(crate) health: Health,
}

/// How training is, and why.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Health {
    pub(crate) verdict: Verdict,
    /// How much fakes vary, as a share of the reals.
    pub(crate) diversity: f64,
    #[serde(flatten)]
    pub(crate) evidence: Evidence,
}

impl Tick {
    /// The tick of these averages and signals, before its verdict.
    pub(crate) fn new(metrics: &Metrics, signals: &Signals, step: u64, images: u64) -> Self {
        let Metrics { steps, loss_d, loss_g, d_real, d_fake } = *metrics;
        let Signals { grad_norm_d, grad_norm_g, evidence } = *signals;
        let (verdict, diversity) = (Verdict::TooEarly, diversity(&evidence));
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
            grad_norm_d,
            grad_norm_g,
            memory_bytes: 0,
            health: Health { verdict, diversity, evidence },
        }
    }
}

/// What a program that trains by `--json` reads, an object a line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event<'a> {
    /// What would be trained, and no more.
    DryRun { options: &'a Record },
    /// Training begins or goes on, up to so many steps.
    Run { run: &'a Path, step: u64, steps: u64 },
    /// A tick that is shown: every two seconds, and the last.
    Tick(&'a Tick),
    /// A picture and a checkpoint are written.
    Snapshot { step: u64, picture: &'a Path, checkpoint: &'a Path },
    /// The verdict is another one.
    Health { step: u64, verdict: Verdict },
    /// Training goes back, and what came after is set aside.
    Rollback {
        #[serde(flatten)]
        rollback: &'a RollbackRecord,
        aside: &'a Path,
    },
    /// The scores of a snapshot, as a line of `metrics.jsonl`.
    Metrics(&'a serde_json::Value),
    /// The run is as long as asked.
    Done { run: &'a Path, kimg: f64, seconds: f64 },
}

/// A picture of a run.
pub(crate) struct Snapshot<'a> {
    pub(crate) step: u64,
    /// The picture's file.
    pub(crate) drawn: &'a Path,
    /// The checkpoint's file.
    pub(crate) saved: &'a Path,
    pub(crate) sheet: Sheet<'a>,
}

/// Prints progress.
#[derive(Clone)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    /// Whether ticks are lines: where there is no bar, and where stdout goes to a file.
    lines: bool,
    preview: Option<Preview>,
    kimg: f64,
}

impl Progress {
    /// For training up to `kimg` thousands of images in `steps` steps.
    pub(crate) fn new(kimg: f64, steps: u64, steps_done: u64, preview: Option<Preview>) -> Self {
        let seen = io::stderr().is_terminal() && !manner().quiet;
        let bar = seen.then(|| {
            let bar = bar("{wide_bar} {percent:>3} %\n{msg}", steps);
            bar.set_position(steps_done);
            bar.set_message(format!("of {kimg} kimg"));
            bar
        });
        let in_words = manner().answers == Answers::InWords;
        let lines = bar.is_none() || (in_words && !io::stdout().is_terminal());
        Self { bar, lines, preview, kimg }
    }

    /// Moves the bar by a step.
    pub(crate) fn step(&self, steps_done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(steps_done);
        }
    }

    /// Shows a tick.
    pub(crate) fn tick(&self, tick: &Tick, left: Option<Duration>) {
        event(&Event::Tick(tick));
        let verdict = tick.health.verdict;
        let (amounts, memory) = (self.amounts(tick, left), megabytes(tick.memory_bytes));
        let text = format!("{amounts}  {}  {memory}  {verdict}", losses(tick));
        if self.lines {
            self.say(&text);
        }
        if let Some(bar) = &self.bar {
            let (_, columns) = Term::stderr().size();
            bar.set_message(folded(&text, columns.into()));
        }
    }

    /// Says what was written, and draws the picture where that was asked for.
    pub(crate) fn snapshot(&self, snapshot: &Snapshot<'_>) -> anyhow::Result<()> {
        let Snapshot { step, drawn, saved, sheet } = snapshot;
        event(&Event::Snapshot { step: *step, picture: drawn, checkpoint: saved });
        self.say(format_args!("wrote {}", drawn.display()));
        match (&self.preview, &self.bar) {
            (Some(preview), Some(bar)) => bar.suspend(|| preview.draw(sheet)),
            (Some(preview), None) => preview.draw(sheet),
            (None, _) => Ok(()),
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
    let Tick { loss_d, loss_g, d_real, d_fake, grad_norm_d, grad_norm_g, .. } = *tick;
    let [grad_d, grad_g] = [grad_norm_d, grad_norm_g].map(short);
    format!(
        "loss_d {loss_d:.3}  loss_g {loss_g:.3}  D(x) {d_real:.2}  D(G(z)) {d_fake:.2}  \
         grad_d {grad_d}  grad_g {grad_g}"
    )
}

/// A number of any size in a few characters.
fn short(number: f64) -> String {
    match number.abs() {
        0.01..1000.0 => format!("{number:.2}"),
        0.0 => "0".to_owned(),
        _ => format!("{number:.0e}"),
    }
}

/// Numbers, which two spaces part, in lines of less than so many columns.
fn folded(numbers: &str, columns: usize) -> String {
    let room = columns.saturating_sub(1).max(1);
    let mut lines: Vec<String> = Vec::new();
    for number in numbers.split("  ").filter(|number| !number.is_empty()) {
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 2 + measure_text_width(number) <= room => {
                *line += "  ";
                *line += number;
            }
            _ => lines.push(truncate_str(number, room, "…").into_owned()),
        }
    }
    lines.join("\n")
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
    use gan::health::OfBoth;

    #[test]
    fn durations_in_two_units() {
        let said = [9, 61, 3_600 + 120, 90_000].map(|s| duration(Duration::from_secs(s)));
        assert_eq!(said, ["9 s", "1 min 1 s", "1 h 2 min", "1 d 1 h"]);
    }

    #[test]
    fn a_tick_in_words() {
        let metrics = Metrics { steps: 2, loss_d: 1.386, loss_g: 0.693, d_real: 0.5, d_fake: 0.25 };
        let both = OfBoth { reals: 0.5, fakes: 0.4 };
        let (accuracy, nearest, apart) = (both, both, both);
        let evidence = Evidence { update_d: 1e-3, update_g: 1e-3, accuracy, nearest, apart };
        let signals = Signals { grad_norm_d: 412.3, grad_norm_g: 2e-4, evidence };
        let tick = Tick { images_per_second: 251.3, ..Tick::new(&metrics, &signals, 187, 11_968) };
        let progress = Progress { bar: None, lines: true, preview: None, kimg: 300.0 };
        let amounts = progress.amounts(&tick, Some(Duration::from_secs(75)));
        assert_eq!(amounts, "12.0/300 kimg  251 images/s  1 min 15 s left");
        let amounts =
            Progress { kimg: 0.08, ..progress }.amounts(&Tick { kimg: 0.024, ..tick }, None);
        assert_eq!(amounts, "0.024/0.08 kimg  251 images/s");
        let said =
            "loss_d 1.386  loss_g 0.693  D(x) 0.50  D(G(z)) 0.25  grad_d 412.30  grad_g 2e-4";
        assert_eq!(losses(&tick), said);
    }

    #[test]
    fn numbers_are_folded_between_them() {
        let text = "12.0/300 kimg  251 images/s  loss_d 1.386";
        assert_eq!(folded(text, 80), text);
        assert_eq!(folded(text, 29), "12.0/300 kimg  251 images/s\nloss_d 1.386");
        assert_eq!(folded(text, 26), "12.0/300 kimg\n251 images/s\nloss_d 1.386");
        assert_eq!(folded(text, 10), "12.0/300…\n251 imag…\nloss_d 1…");
        assert_eq!(folded(text, 0).lines().count(), 3);
    }
}
