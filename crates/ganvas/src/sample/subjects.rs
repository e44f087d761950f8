//! What pictures are of.

use crate::args::SampleArguments;
use gan::sampling::{Latents, Mix, latents};
use std::{collections::HashSet, fmt};

/// The pictures of a grid that none were named for.
const USUAL_SEEDS: std::ops::Range<u64> = 0..64;

/// One picture to draw.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    name: Name,
    pub(super) latents: Latents,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Seed(u64),
    Mix(String),
}

/// Seeds, then sums of seeds.
pub(super) fn asked_for(arguments: &SampleArguments) -> Vec<Subject> {
    let seeds = match &arguments.seeds {
        Some(seeds) => seeds.0.clone(),
        None if arguments.mix.is_empty() => USUAL_SEEDS.collect(),
        None => Vec::new(),
    };
    let seed = |seed| Subject { name: Name::Seed(seed), latents: latents(seed) };
    let mix = |mix: &Mix| Subject { name: Name::Mix(mix.to_string()), latents: mix.latents() };
    seeds.into_iter().map(seed).chain(arguments.mix.iter().map(mix)).collect()
}

/// Leaves the first of each.
pub(super) fn remove_repeated(subjects: &mut Vec<Subject>) {
    let mut names = HashSet::new();
    subjects.retain(|subject| names.insert(subject.name.clone()));
}

impl Subject {
    /// `00000007.png` for a seed, so that files are in the order of their seeds, and `7-3+12.png` for
    /// a sum.
    pub(super) fn file_name(&self) -> String {
        match &self.name {
            Name::Seed(seed) => format!("{seed:08}.png"),
            Name::Mix(mix) => format!("{mix}.png"),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Name::Seed(seed) => write!(f, "seed {seed}"),
            Name::Mix(mix) => write!(f, "{mix}"),
        }
    }
}
