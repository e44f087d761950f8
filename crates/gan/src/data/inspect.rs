//! What a source holds, and its images one by one.

use super::{
    BadFiles, DataError, DecodedImage, Facts, Format, Mode, Outcome, Preparation, Problem,
    pipeline::{LONGEST_CHUNK, OnProgress, in_order},
    source::{LeftOut, Listing},
    tally::Tally,
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, mem, path::PathBuf};

/// What a source holds.
#[derive(Debug)]
pub struct Inspection {
    /// Images that can be read.
    pub images: usize,
    /// How many images there are of each format.
    pub formats: BTreeMap<Format, usize>,
    /// How many images there are of each height and width.
    pub sizes: BTreeMap<[usize; 2], usize>,
    /// How many images there are of each mode.
    pub modes: BTreeMap<Mode, usize>,
    /// Groups of two or more images with the same size and the same pixels, in order.
    pub duplicates: Vec<Vec<PathBuf>>,
    /// Files that look like images by their names and cannot be read, in order.
    pub bad: Vec<DataError>,
    /// What is in the source and is not looked at.
    pub left_out: LeftOut,
    /// What training would do with it; `None` where no image can be read.
    pub outcome: Option<Outcome>,
}

/// Looks at every image of `source`, as [`load`](super::files::load) takes them, and goes on where
/// one is bad. `on_progress` hears of the images done, and how many there are.
///
/// # Errors
/// If the source itself cannot be read.
pub fn inspect(
    source: &str,
    preparation: &Preparation,
    on_progress: OnProgress<'_>,
) -> Result<Inspection, DataError> {
    let mut listing = Listing::of(source, BadFiles::Skip)?;
    let unreadable = mem::take(&mut listing.unreadable);
    let images = listing.open()?;
    let mut inspection = Inspection {
        images: 0,
        formats: BTreeMap::new(),
        sizes: BTreeMap::new(),
        modes: BTreeMap::new(),
        duplicates: Vec::new(),
        bad: unreadable,
        left_out: images.left_out,
        outcome: None,
    };
    let mut tally = Tally::new(*preparation);
    let mut seen: BTreeMap<[u8; 32], Vec<usize>> = BTreeMap::new();

    let examine = |index| images.with_image(index, |image| Examined::of(image, preparation));
    in_order(images.len(), LONGEST_CHUNK, on_progress, examine, &mut |index, examined| {
        match examined {
            Ok(Examined { facts, format, mode, digest }) => {
                inspection.images += 1;
                *inspection.formats.entry(format).or_default() += 1;
                *inspection.sizes.entry(facts.size).or_default() += 1;
                *inspection.modes.entry(mode).or_default() += 1;
                seen.entry(digest).or_default().push(index);
                tally.add(&facts);
            }
            Err(error) => inspection.bad.push(error),
        }
        Ok::<(), DataError>(())
    })?;

    let mut groups: Vec<_> = seen.into_values().filter(|group| group.len() > 1).collect();
    groups.sort();
    let paths = |group: Vec<usize>| group.into_iter().map(|index| images.path(index)).collect();
    inspection.duplicates = groups.into_iter().map(paths).collect();
    inspection.outcome = tally.outcome();
    Ok(inspection)
}

/// Gives what `work` makes of every image of `source`, on all cores, to `take` with the image's
/// place in the source's order, in that order. Bad files have places too. Returns those that were
/// left out.
///
/// # Errors
/// If the source cannot be read; the first bad file in order, unless they are skipped; the first
/// error of `take`.
pub fn for_each_image<T: Send, E: From<DataError>>(
    source: &str,
    bad_files: BadFiles,
    on_progress: OnProgress<'_>,
    work: impl Fn(&DecodedImage) -> Result<T, Problem> + Sync,
    take: &mut dyn FnMut(usize, T) -> Result<(), E>,
) -> Result<Vec<DataError>, E> {
    let mut listing = Listing::of(source, bad_files)?;
    let mut bad = mem::take(&mut listing.unreadable);
    let images = listing.open()?;
    // Results can be large, so few of them wait for their turn.
    let chunk = 4 * rayon::current_num_threads();
    let work = |index| images.with_image(index, &work);
    in_order(images.len(), chunk, on_progress, work, &mut |index, result| match result {
        Ok(result) => take(index, result),
        Err(error) if bad_files == BadFiles::Skip => {
            bad.push(error);
            Ok(())
        }
        Err(error) => Err(error.into()),
    })?;
    Ok(bad)
}

struct Examined {
    facts: Facts,
    format: Format,
    mode: Mode,
    digest: [u8; 32],
}

impl Examined {
    fn of(image: &DecodedImage, preparation: &Preparation) -> Result<Self, Problem> {
        let facts = preparation.prepare(image)?.facts;
        let mut digest = Sha256::new();
        facts.size.iter().for_each(|&extent| digest.update((extent as u64).to_le_bytes()));
        // Sixteen bits a channel, so that no two images become equal.
        image.image.to_rgba16().iter().for_each(|value| digest.update(value.to_le_bytes()));
        let digest = digest.finalize().into();
        Ok(Self { facts, format: image.format, mode: image.mode, digest })
    }
}
