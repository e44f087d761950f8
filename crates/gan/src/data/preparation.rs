//! What is done to images before a network sees them.

use serde::{Deserialize, Serialize};

/// How images of any kind become images of one size and number of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Preparation {
    /// Height and width; by default 28 x 28 where all images are so and grey, else 64 x 64.
    pub size: Option<[usize; 2]>,
    /// 1 (grey), 3 (red, green, blue) or 4 (with transparency, colours multiplied by alpha); by
    /// default 1 where all images are grey, else 3.
    pub channels: Option<usize>,
    /// What becomes of images of another aspect.
    pub fit: Fit,
    /// What becomes of files that cannot be read.
    pub bad_files: BadFiles,
}

/// What becomes of images of another aspect than the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// The centre is cut out.
    #[default]
    Crop,
    /// The whole image is kept, with bars of white, or of nothing where there is transparency.
    Pad,
}

/// What becomes of files that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BadFiles {
    /// The first is an error, with its path and what is wrong.
    #[default]
    Refuse,
    /// They are left out and listed.
    Skip,
}
