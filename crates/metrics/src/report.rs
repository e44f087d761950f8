//! What was measured.

use serde::Serialize;

/// A value, and what is measured on real images in its place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Of the images.
    pub value: f64,
    /// Of other real ones.
    pub floor: f64,
}

/// All scores of some images; `None` what was not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// The Fréchet distance, at least 0; lower is nearer.
    pub fd: Option<f64>,
    /// The kernel distance; lower is nearer, and about 0 is as near as can be.
    pub kid: Option<f64>,
    /// The share of images that look real.
    pub precision: Option<f64>,
    /// The share of real images that could be drawn.
    pub recall: Option<f64>,
    /// How densely images lie where real ones do: 1 as densely.
    pub density: Option<f64>,
    /// The share of real images that something was drawn near to.
    pub coverage: Option<f64>,
    /// The classes that were drawn.
    pub modes: Option<f64>,
    /// The divergence of the classes' shares from those of real images, in nats.
    pub label_kl: Option<f64>,
}

impl Scores {
    /// Each score by its name, always in this order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Option<f64>)> + use<> {
        [
            ("fd", self.fd),
            ("kid", self.kid),
            ("precision", self.precision),
            ("recall", self.recall),
            ("density", self.density),
            ("coverage", self.coverage),
            ("modes", self.modes),
            ("label_kl", self.label_kl),
        ]
        .into_iter()
    }
}

/// What was measured of some images.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Images that were measured.
    pub images: usize,
    /// Real images that they were compared with.
    pub reals: usize,
    /// Real images of both sides of the floor.
    pub floor_images: [usize; 2],
    /// Each score by its name.
    pub scores: Vec<(&'static str, Score)>,
    /// Classes that there are; 0 without a classifier.
    pub classes: usize,
    /// Images of each class, where modes were asked for.
    pub histogram: Option<Vec<usize>>,
}

impl Report {
    /// A score by its name.
    pub fn score(&self, name: &str) -> Option<Score> {
        self.scores.iter().find(|(found, _)| *found == name).map(|&(_, score)| score)
    }
}
