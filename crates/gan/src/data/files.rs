//! Sources of images in the file system.

use super::{
    BadFiles, Cache, DataError, Dataset, Outcome, Preparation, PreparedImage, Problem,
    cache::{Entry, Trailer},
    pipeline::{OnProgress, in_order},
    source::{Images, LeftOut, Listing},
    store::{Keep, Store},
    tally::Tally,
};
use std::path::Path;

/// Bytes of prepared images that may wait for their turn.
const MOST_WAITING: usize = 32 << 20;
/// Bad files that are told of before the rest is counted.
const TOLD: usize = 10;

/// Loads a source of images and prepares them.
///
/// A source is `digits` (bundled), a folder, or a file:
/// - a folder that has IDX files, or CIFAR-10's archive or training batches, directly in it is
///   that data set; of any other one, the images in it and all folders below, in order of their
///   paths. Symbolic links are not followed, and names that start with a dot are passed over;
/// - a zip archive of images, in any folders, in order of their names;
/// - an IDX file of images, gzipped or not (MNIST's format);
/// - CIFAR-10's binary archive, `cifar-10-binary.tar.gz`, or one of its batches.
///
/// Images are decoded once, on all cores. They are kept in `cache` and read from there as long as
/// the source does not change, except for the bundled digits and IDX files with up to 64 MiB of
/// pixels. So many are held in memory; more are read from the cache image by image.
///
/// # Errors
/// If the source is missing, damaged or holds no images; if an image is bad, the first in order,
/// unless bad files are skipped; if the cache has no room or cannot be written to its end.
pub fn load(
    source: &str,
    preparation: &Preparation,
    cache: &Cache,
    on_progress: OnProgress<'_>,
) -> Result<Dataset, DataError> {
    let listing = Listing::of(source, preparation.bad_files)?;
    let entry = cache.entry(&listing, preparation);
    // Kept apart, as they are of this run alone.
    let mut about_cache = Vec::new();
    match entry.as_ref().map(Entry::read) {
        Some(Ok(Some(data))) => return Ok(data),
        Some(Err(problem)) => {
            let path = entry.as_ref().map(|entry| entry.path().display().to_string());
            about_cache.push(format!("{} is made again: {problem}", path.unwrap_or_default()));
        }
        Some(Ok(None)) | None => {}
    }
    let images = listing.open()?;
    let LeftOut { others, links } = images.left_out;
    let at_source = |problem| DataError::new(Path::new(source), problem);
    if images.len() == 0 {
        return Err(at_source(Problem::NoImages { files: others, links }));
    }
    // Where the first is bad, that is told of in its turn.
    let bytes = pixel_bytes(&images, preparation).unwrap_or(0);
    let entry = entry.filter(|_| !listing.is_quick() || !cache.is_small(bytes));
    if let Some(entry) = &entry {
        let problem = |problem| DataError::new(entry.path(), problem);
        entry.make_room(bytes).map_err(problem)?;
    }
    let mut loading = Loading::new(preparation, entry.as_ref(), &mut about_cache);
    for error in &listing.unreadable {
        loading.skip(error);
    }
    let prepare = |index| images.with_image(index, |image| preparation.prepare(image));
    let chunk = MOST_WAITING / preparation.most_bytes();
    in_order(images.len(), chunk, on_progress, prepare, &mut |_, prepared| match prepared {
        Ok(image) => loading.add(image),
        Err(error) if preparation.bad_files == BadFiles::Skip => {
            loading.skip(&error);
            Ok(())
        }
        Err(error) => Err(error),
    })?;

    let mut notes: Vec<String> = images.note.into_iter().collect();
    for (count, one, many) in
        [(links, "symbolic link", "symbolic links"), (others, "other file", "other files")]
    {
        match count {
            0 => {}
            1 => notes.push(format!("left out: 1 {one}")),
            _ => notes.push(format!("left out: {count} {many}")),
        }
    }
    let mut data = loading.finish(&listing, notes)?;
    data.notes.splice(0..0, about_cache);
    Ok(data)
}

/// The bytes of the pixels of a source whose images are all like the first.
fn pixel_bytes(images: &Images<'_>, preparation: &Preparation) -> Result<u64, DataError> {
    let first = images.with_image(0, |image| preparation.prepare(image))?;
    Ok(images.len() as u64 * first.pixels.len() as u64)
}

/// A data set that is being put together.
struct Loading<'a> {
    tally: Tally,
    store: Store<'a>,
    /// Where the store is.
    path: Option<&'a Path>,
    skipped: Vec<String>,
    keep: Keep,
}

impl<'a> Loading<'a> {
    fn new(
        preparation: &Preparation,
        entry: Option<&'a Entry<'a>>,
        notes: &mut Vec<String>,
    ) -> Self {
        let store = entry.map_or(Ok(Store::in_memory()), Store::in_cache).unwrap_or_else(|error| {
            let path = entry.map(|entry| entry.path().display().to_string()).unwrap_or_default();
            notes.push(format!("all images stay in memory: {path} cannot be written ({error})"));
            Store::in_memory()
        });
        let tally = Tally::new(*preparation);
        let path = entry.map(Entry::path);
        Self { tally, store, path, skipped: Vec::new(), keep: Keep::ForLater }
    }

    fn add(&mut self, image: PreparedImage) -> Result<(), DataError> {
        self.tally.add(&image.facts);
        self.store.push(image, self.tally.shape()).map_err(|problem| self.at_store(problem))
    }

    fn skip(&mut self, error: &DataError) {
        self.skipped.push(error.to_string());
        if matches!(error.problem, Problem::Unreadable(_)) {
            // It may be readable next time without a change that shows.
            self.keep = Keep::ThisRun;
        }
    }

    fn finish(self, listing: &Listing, mut notes: Vec<String>) -> Result<Dataset, DataError> {
        let Some(outcome) = self.tally.outcome() else {
            let first = self.skipped.first().cloned().unwrap_or_default();
            let problem = Problem::AllBad { files: self.skipped.len(), first };
            return Err(DataError::new(&listing.source, problem));
        };
        let Outcome { images: count, height, width, channels, notes: changes } = outcome;
        notes.extend(changes);
        notes.extend(self.skipped.iter().take(TOLD).map(|bad| format!("left out: {bad}")));
        match self.skipped.len().saturating_sub(TOLD) {
            0 => {}
            1 => notes.push("left out: 1 more bad file".to_owned()),
            more => notes.push(format!("left out: {more} more bad files")),
        }
        let (name, skipped) = (listing.name.clone(), self.skipped);
        let trailer = Trailer { name, count, height, width, channels, notes, skipped };
        let path = self.path.unwrap_or(&listing.source);
        let data = self.store.finish(&trailer, self.keep);
        data.map_err(|problem| DataError::new(path, problem))
    }

    fn at_store(&self, problem: Problem) -> DataError {
        DataError::new(self.path.unwrap_or(Path::new("memory")), problem)
    }
}
