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

#[cfg(test)]
mod tests {
    use super::*;
    use gan::{
        health::{OfBoth, Signals},
        trainer::Metrics,
    };
    use std::ops::RangeInclusive;

    fn guard() -> Guard {
        Guard::read("")
    }

    /// A tick of networks that move by such a share of themselves.
    fn tick(step: u64, images: u64, update: f64) -> Tick {
        let both = OfBoth { reals: 0.5, fakes: 0.5 };
        let (accuracy, nearest, apart) = (both, both, both);
        let evidence = Evidence { update_d: update, update_g: update, accuracy, nearest, apart };
        let signals = Signals { grad_norm_d: 1.0, grad_norm_g: 1.0, evidence };
        let metrics = Metrics { steps: 1, loss_d: 1.4, loss_g: 0.7, d_real: 0.5, d_fake: 0.5 };
        Tick::new(&metrics, &signals, step, images)
    }

    /// Steps of a thousand images each.
    fn judge_all(guard: &mut Guard, steps: RangeInclusive<u64>, update: f64) {
        for step in steps {
            guard.judge(&tick(step, step * 1000, update));
        }
    }

    const MOVES: f64 = 1e-3;
    const STANDS: f64 = 1e-9;

    #[test]
    fn a_collapse_lasts_for_lines_and_for_images() {
        // Lines of 4,096 images, as those of large batches are.
        let mut wide = guard();
        let mut narrow = guard();
        let mut lasts = Vec::new();
        for step in 1..=9 {
            wide.judge(&tick(step, step * 4096, STANDS));
            narrow.judge(&tick(step, 4000 + step * 400, STANDS));
            lasts.push((wide.collapsed().is_some(), narrow.collapsed().is_some()));
        }
        // The fifth line is the first with a verdict.
        let from = |line: usize| move |at: usize| at + 1 >= line;
        let expected: Vec<_> = (0..9).map(|at| (from(7)(at), from(10)(at))).collect();
        assert_eq!(lasts, expected);
        narrow.judge(&tick(10, 8000, STANDS));
        assert_eq!(narrow.collapsed(), Some(Verdict::Stalled), "2,000 images after the fifth");
    }

    #[test]
    fn healthy_is_what_a_verdict_does_not_rest_on() {
        let mut guard = guard();
        judge_all(&mut guard, 1..=6, MOVES);
        assert_eq!(guard.healthy_up_to(), 3, "it may turn out to be collapsing");
        judge_all(&mut guard, 7..=12, STANDS);
        assert_eq!(guard.collapsed(), Some(Verdict::Stalled));
        // The median of five lines is of those that stand from the ninth on.
        assert_eq!(guard.healthy_up_to(), 6);
    }

    #[test]
    fn what_is_only_shown_is_judged_and_forgotten() {
        let mut guard = guard();
        judge_all(&mut guard, 1..=4, STANDS);
        let next = tick(5, 5000, STANDS);
        assert_eq!(guard.glance(&next), Verdict::Stalled);
        assert_eq!(guard.verdict, Verdict::TooEarly);
        assert_eq!(guard.judge(&next), (Verdict::Stalled, true));
        assert_eq!(guard.judge(&tick(6, 6000, STANDS)), (Verdict::Stalled, false));
    }

    #[test]
    fn a_log_is_read_as_it_was_judged() {
        let mut judged = guard();
        let mut log = "{\"step\": 0, \"of\": \"an older version\"}\n".to_owned();
        for step in 1..=9 {
            let tick = tick(step, step * 1000, if step > 4 { STANDS } else { MOVES });
            judged.judge(&tick);
            log += &serde_json::to_string(&tick).unwrap();
            log.push('\n');
        }
        let read = Guard::read(&log);
        assert_eq!(format!("{read:?}"), format!("{judged:?}"));
    }
}
