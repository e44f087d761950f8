//! From what is measured to a word.

use super::{Evidence, OfBoth};
use serde::{Serialize, Serializer};
use std::{collections::VecDeque, f64::consts::LN_2, fmt};

/// Images before which nothing is judged: a healthy discriminator is ahead of a generator that has
/// only just begun.
pub const IMAGES_AT_LEAST: u64 = 4_000;
/// Lines that a verdict rests on at least, by their medians, so that one odd batch decides nothing.
pub const LINES_AT_LEAST: usize = 5;
/// Images that a verdict rests on at least where lines are close together: three lines of a default
/// run.
pub const WINDOW_IMAGES: u64 = 3_000;
/// The share of the reals' diversity below which fakes can have collapsed: healthy generators of
/// digits stay above 0.35 of it.
pub const DIVERSITY_AT_LEAST: f64 = 0.25;
/// The share of its own greatest diversity to which a generator that collapses has fallen.
pub const FALLEN_TO: f64 = 0.5;
/// Images after which little diversity is a collapse even where it was never greater: a generator
/// that has yet to begin varies little too.
pub const BEGUN_BY_IMAGES: u64 = 40_000;
/// The share of each batch on which a discriminator that wins is right: all but half an image of a
/// batch of 64.
pub const WINNING_ACCURACY: f64 = 0.99;
/// D(G(z)) that a discriminator which wins stays below: healthy runs of 32x32 emoji, whose
/// discriminators are far ahead, stay above 0.02.
pub const WINNING_D_FAKE: f64 = 0.01;
/// The share of itself by which a step moves a network that is not stalled: at a millionth, ten
/// thousand steps change a hundredth of it.
pub const UPDATE_AT_LEAST: f64 = 1e-6;
/// The loss of a discriminator that loses, over that of one which takes every image for real with
/// probability 1/2, 2 ln 2: healthy ones stay below 1.2.
pub const LOSING_LOSS: f64 = 1.5;
/// Distances of reals, as root mean squares from -1 to 1, below which they do not vary: half a step
/// of 8-bit pixels.
pub const REALS_VARY: f64 = 1.0 / 255.0;

/// The loss of a discriminator for which every logit is 0.
const GUESSING_LOSS: f64 = 2.0 * LN_2;

/// How training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Too few images or lines for a verdict.
    TooEarly,
    /// Nothing is wrong that is looked for.
    Healthy,
    /// The generator makes the same few images whatever it is given.
    ModeCollapse {
        /// Their diversity, in percent of the reals'.
        percent: u8,
    },
    /// The discriminator tells fakes at once, and the generator does not catch up.
    DiscriminatorWinning,
    /// A network no longer changes.
    Stalled,
    /// The discriminator does worse than one that guesses, and the generator learns nothing from it.
    DiscriminatorLosing {
        /// Its loss, in percent of that of guessing.
        percent: u32,
    },
}

impl Verdict {
    /// Whether it is one that training seldom recovers from by itself.
    pub fn is_collapse(self) -> bool {
        !matches!(self, Self::TooEarly | Self::Healthy)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooEarly => write!(f, "too early to tell"),
            Self::Healthy => write!(f, "healthy"),
            Self::ModeCollapse { percent } => {
                write!(f, "mode collapse: fakes vary {percent} % of reals")
            }
            Self::DiscriminatorWinning => write!(f, "discriminator winning"),
            Self::Stalled => write!(f, "stalled"),
            Self::DiscriminatorLosing { percent } => {
                write!(f, "discriminator losing: its loss is {percent} % of guessing's")
            }
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a line of the log says that a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Images seen.
    pub images: u64,
    /// The discriminator's mean loss since the line before.
    pub loss_d: f64,
    /// The mean D(G(z)) since the line before.
    pub d_fake: f64,
    /// Of the last step.
    pub evidence: Evidence,
}

/// The latest lines of a run.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    lines: VecDeque<Line>,
    /// The greatest median of diversity up to the last line.
    greatest: f64,
}

impl Judge {
    /// Adds the next line.
    pub fn add(&mut self, line: Line) {
        self.lines.push_back(line);
        let old = |lines: &VecDeque<Line>| {
            let oldest = lines.front().map_or(0, |oldest| oldest.images);
            lines.len() > LINES_AT_LEAST && oldest + WINDOW_IMAGES <= line.images
        };
        while old(&self.lines) {
            self.lines.pop_front();
        }
        if self.lines.len() >= LINES_AT_LEAST {
            self.greatest = self.greatest.max(self.diversity());
        }
    }

    /// How training is after the last line.
    pub fn verdict(&self) -> Verdict {
        let images = self.lines.back().map_or(0, |last| last.images);
        if images < IMAGES_AT_LEAST || self.lines.len() < LINES_AT_LEAST {
            return Verdict::TooEarly;
        }
        let diversity = self.diversity();
        let accuracy = self.median(|line| {
            let OfBoth { reals, fakes } = line.evidence.accuracy;
            reals.min(fakes)
        });
        let slower = self.median(|line| line.evidence.update_d.min(line.evidence.update_g));
        let loss = self.median(|line| line.loss_d / GUESSING_LOSS);
        let winning =
            accuracy >= WINNING_ACCURACY && self.median(|line| line.d_fake) < WINNING_D_FAKE;
        let collapse = Verdict::ModeCollapse { percent: (diversity * 100.0).round() as u8 };
        let alike = diversity < DIVERSITY_AT_LEAST;
        let had_begun = self.greatest >= DIVERSITY_AT_LEAST;
        if slower < UPDATE_AT_LEAST {
            Verdict::Stalled
        } else if alike && had_begun && diversity < FALLEN_TO * self.greatest {
            collapse
        } else if winning {
            Verdict::DiscriminatorWinning
        } else if alike && images >= BEGUN_BY_IMAGES {
            collapse
        } else if loss > LOSING_LOSS {
            Verdict::DiscriminatorLosing { percent: (loss * 100.0).round() as u32 }
        } else {
            Verdict::Healthy
        }
    }

    fn diversity(&self) -> f64 {
        self.median(|line| diversity(&line.evidence))
    }

    fn median(&self, of: impl Fn(&Line) -> f64) -> f64 {
        let mut values: Vec<f64> = self.lines.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    }
}

/// How much fakes vary, as a share of the reals: by the nearest other image, which finds a few images
/// that are repeated, or by all others, which finds images that are nearly one, whichever is less.
/// Reals that do not vary ask for nothing.
pub fn diversity(evidence: &Evidence) -> f64 {
    let share = |of: OfBoth| if of.reals < REALS_VARY { 1.0 } else { of.fakes / of.reals };
    share(evidence.nearest).min(share(evidence.apart))
}
