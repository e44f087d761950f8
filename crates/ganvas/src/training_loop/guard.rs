//! Whether training has collapsed, and for how long: a function of the lines of the log, so that a
//! run that goes on knows what one that was never stopped knows.

use crate::progress::{Health, Tick};
use gan::health::{Evidence, Judge, Line, Verdict, WINDOW_IMAGES};
use serde::Deserialize;
use std::mem::discriminant;

/// Lines with a verdict of collapse, one after another, before something is done about it.
pub(super) const LINES_BEFORE_ACTION: usize = 3;
/// Images over which they lie at least.
pub(super) const IMAGES_BEFORE_ACTION: u64 = 2_000;
/// Images before the first verdict of collapse from which training counts as healthy: those that the
/// verdict rests on.
pub(super) const IMAGES_BEFORE_COLLAPSE: u64 = WINDOW_IMAGES;

/// The verdicts up to the last line.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    judge: Judge,
    verdict: Verdict,
    /// The step and images of every line.
    lines: Vec<(u64, u64)>,
    collapse: Option<Collapse>,
}

/// Lines of collapse up to the last one.
#[derive(Clone, Copy, Debug)]
struct Collapse {
    /// Images seen at the first.
    since: u64,
    lines: usize,
}

/// What is read back of a line.
#[derive(Deserialize)]
struct Logged {
    step: u64,
    kimg: f64,
    loss_d: f64,
    d_fake: f64,
    health: Evidence,
}

impl Guard {
    /// Reads the lines of a log. Those that older versions wrote say nothing of health.
    pub(super) fn read(log: &str) -> Self {
        let mut guard = Self {
            judge: Judge::default(),
            verdict: Verdict::TooEarly,
            lines: Vec::new(),
            collapse: None,
        };
        for line in log.lines() {
            if let Ok(Logged { step, kimg, loss_d, d_fake, health }) = serde_json::from_str(line) {
                guard.add(step, Line { images: images(kimg), loss_d, d_fake, evidence: health });
            }
        }
        guard
    }

    /// Judges the next line. Returns the verdict, and whether it is of another kind than before.
    pub(super) fn judge(&mut self, tick: &Tick) -> (Verdict, bool) {
        let before = discriminant(&self.verdict);
        self.add(tick.step, line(tick));
        (self.verdict, discriminant(&self.verdict) != before)
    }

    /// Judges a tick that is no line.
    pub(super) fn glance(&self, tick: &Tick) -> Verdict {
        let mut judge = self.judge.clone();
        judge.add(line(tick));
        judge.verdict()
    }

    fn add(&mut self, step: u64, line: Line) {
        self.judge.add(line);
        self.verdict = self.judge.verdict();
        self.lines.push((step, line.images));
        self.collapse = self.verdict.is_collapse().then(|| match self.collapse {
            Some(Collapse { since, lines }) => Collapse { since, lines: lines + 1 },
            None => Collapse { since: line.images, lines: 1 },
        });
    }

    /// The verdict, once it is one of collapse that has lasted.
    pub(super) fn collapsed(&self) -> Option<Verdict> {
        let Collapse { since, lines } = self.collapse?;
        let images = self.lines.last().map_or(0, |&(_, images)| images);
        let lasts = lines >= LINES_BEFORE_ACTION && images >= since + IMAGES_BEFORE_ACTION;
        lasts.then_some(self.verdict)
    }

    /// The last step up to which training counts as healthy.
    pub(super) fn healthy_up_to(&self) -> u64 {
        let now = self.lines.last().map_or(0, |&(_, images)| images);
        let since = self.collapse.map_or(now, |collapse| collapse.since);
        let healthy = |&&(_, images): &&(u64, u64)| images + IMAGES_BEFORE_COLLAPSE <= since;
        let before_all = self.lines.first().map_or(u64::MAX, |&(step, _)| step.saturating_sub(1));
        self.lines.iter().rfind(healthy).map_or(before_all, |&(step, _)| step)
    }
}

fn line(tick: &Tick) -> Line {
    let Tick { kimg, loss_d, d_fake, health: Health { evidence, .. }, .. } = *tick;
    Line { images: images(kimg), loss_d, d_fake, evidence }
}

fn images(kimg: f64) -> u64 {
    (kimg * 1000.0).round() as u64
}
