//! Pixels that come image by image, before it is known what all of them will be.
//!
//! As long as all are grey, or 28 x 28, they are kept so; when one comes that is not, those before
//! it are widened, so that each image is decoded once.

use super::{
    Dataset, Pixels, PreparedImage, Problem,
    cache::{Draft, Entry, Trailer},
    prepare::widened,
};
use std::io;

pub(super) struct Store<'a> {
    place: Place<'a>,
    /// Of the images that are in.
    shape: Option<[usize; 3]>,
}

enum Place<'a> {
    Memory(Vec<u8>),
    File { entry: &'a Entry<'a>, draft: Draft },
}

/// Whether later runs find what was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    ForLater,
    ThisRun,
}

impl<'a> Store<'a> {
    pub(super) fn in_memory() -> Self {
        Self { place: Place::Memory(Vec::new()), shape: None }
    }

    pub(super) fn in_cache(entry: &'a Entry<'a>) -> io::Result<Self> {
        let draft = entry.draft()?;
        Ok(Self { place: Place::File { entry, draft }, shape: None })
    }

    /// Adds an image; `shape` is what all images so far need, it included.
    pub(super) fn push(&mut self, image: PreparedImage, shape: [usize; 3]) -> Result<(), Problem> {
        match self.shape {
            Some(before) if before != shape => self.widen(before, shape)?,
            _ => self.shape = Some(shape),
        }
        self.place.write(&widened(image.pixels, image.shape, shape)?)
    }

    pub(super) fn finish(self, trailer: &Trailer, keep: Keep) -> Result<Dataset, Problem> {
        match self.place {
            Place::Memory(pixels) => Ok(trailer.data_set(Pixels::Memory(pixels))),
            Place::File { entry, draft } if keep == Keep::ForLater => entry.keep(draft, trailer),
            Place::File { entry, draft } => entry.use_once(draft, trailer),
        }
        .map_err(Problem::Cache)
    }

    fn widen(&mut self, from: [usize; 3], to: [usize; 3]) -> Result<(), Problem> {
        let image_bytes = from.iter().product();
        let mut wider = match &self.place {
            Place::Memory(_) => Place::Memory(Vec::new()),
            Place::File { entry, .. } => {
                Place::File { entry, draft: entry.draft().map_err(Problem::Cache)? }
            }
        };
        let mut add = |pixels: Vec<u8>| wider.write(&widened(pixels, from, to)?);
        match &mut self.place {
            Place::Memory(pixels) => {
                pixels.chunks_exact(image_bytes).try_for_each(|image| add(image.to_vec()))?;
            }
            Place::File { draft, .. } => draft.read_back(image_bytes, &mut add)?,
        }
        (self.place, self.shape) = (wider, Some(to));
        Ok(())
    }
}

impl Place<'_> {
    fn write(&mut self, pixels: &[u8]) -> Result<(), Problem> {
        match self {
            Self::Memory(all) => all.extend_from_slice(pixels),
            Self::File { draft, .. } => draft.write(pixels).map_err(Problem::Cache)?,
        }
        Ok(())
    }
}
