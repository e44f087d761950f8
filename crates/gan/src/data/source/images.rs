//! The images of a source, any of which can be decoded by itself.

use super::{Kind, LeftOut, Listing, SharedFile, SourceFile};
use crate::data::{
    CifarBatch, DIGITS, DataError, DecodedImage, IdxImages, Problem, ZipImages,
    cifar::LONGEST_BATCH,
    decode::{decode_image, decoded_bytes},
    idx, parse_cifar_archive, parse_idx,
};
use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

const LARGEST_IMAGE_FILE: u64 = 64 << 20;

/// The images of a source, numbered in its order.
pub(in crate::data) struct Images<'a> {
    source: &'a Path,
    contents: Contents<'a>,
    pub(in crate::data) left_out: LeftOut,
    /// Which of several files is read.
    pub(in crate::data) note: Option<String>,
}

enum Contents<'a> {
    Files(&'a [SourceFile]),
    Zip(ZipImages<SharedFile>),
    Idx { path: &'a Path, images: IdxImages },
    Cifar(Vec<(String, CifarBatch)>),
}

impl Listing {
    /// Opens the source. Of archives the directory is read, and of data sets in few files all.
    pub(in crate::data) fn open(&self) -> Result<Images<'_>, DataError> {
        let (source, mut left_out) = (self.source.as_path(), self.left_out);
        let mut note = None;
        let contents = match &self.kind {
            Kind::Folder(files) => Contents::Files(files),
            Kind::Digits => {
                let images =
                    parse_idx(DIGITS).map_err(|problem| DataError::new(source, problem))?;
                Contents::Idx { path: source, images }
            }
            Kind::Idx(SourceFile { path, .. }) => {
                let images = read(path, idx::LARGEST_BYTES).and_then(|bytes| parse_idx(&bytes));
                let images = images.map_err(|problem| DataError::new(path, problem))?;
                note = (path != source).then(|| format!("read from {}", path.display()));
                Contents::Idx { path, images }
            }
            Kind::Zip(SourceFile { path, .. }) => {
                let at = |problem| DataError::new(path, problem);
                let file =
                    SharedFile::open(path).map_err(|error| at(Problem::Unreadable(error)))?;
                let images = ZipImages::new(file).map_err(at)?;
                left_out = LeftOut { others: images.others, links: images.links };
                Contents::Zip(images)
            }
            Kind::CifarArchive(SourceFile { path, .. }) => {
                let file = File::open(path);
                let file =
                    file.map_err(|error| DataError::new(path, Problem::Unreadable(error)))?;
                let batches = parse_cifar_archive(BufReader::new(file));
                let batches = batches.map_err(|problem| DataError::new(path, problem))?;
                Contents::Cifar(batches.into_iter().collect())
            }
            Kind::CifarBatches(files) => {
                Contents::Cifar(files.iter().map(read_batch).collect::<Result<_, _>>()?)
            }
        };
        if let Contents::Cifar(batches) = &contents {
            let names: Vec<&str> = batches.iter().map(|(name, _)| name.as_str()).collect();
            note = Some(format!("read from {}", names.join(", ")));
        }
        Ok(Images { source, contents, left_out, note })
    }
}

impl Images<'_> {
    pub(in crate::data) fn len(&self) -> usize {
        match &self.contents {
            Contents::Files(files) => files.len(),
            Contents::Zip(images) => images.len(),
            Contents::Idx { images, .. } => images.count,
            Contents::Cifar(batches) => batches.iter().map(|(_, batch)| batch.count()).sum(),
        }
    }

    /// Where it is, for messages.
    pub(in crate::data) fn path(&self, index: usize) -> PathBuf {
        match &self.contents {
            Contents::Files(files) => files.get(index).map(|f| f.path.clone()).unwrap_or_default(),
            Contents::Zip(images) => {
                format!("{}: {}", self.source.display(), images.name(index)).into()
            }
            Contents::Idx { path, .. } => format!("{}: image {index}", path.display()).into(),
            Contents::Cifar(_) => {
                format!("{}: {}", self.source.display(), self.name(index).display()).into()
            }
        }
    }

    /// What the source calls it.
    pub(in crate::data) fn name(&self, index: usize) -> PathBuf {
        match &self.contents {
            Contents::Files(_) => {
                let path = self.path(index);
                path.strip_prefix(self.source).map(Path::to_owned).unwrap_or(path)
            }
            Contents::Zip(images) => images.name(index).into(),
            Contents::Idx { .. } => format!("image {index}").into(),
            Contents::Cifar(batches) => match at(batches, index) {
                Some((name, _, within)) => format!("{name}: image {within}").into(),
                None => PathBuf::new(),
            },
        }
    }

    /// The class of each image, of CIFAR-10's.
    pub(in crate::data) fn cifar_classes(&self) -> Option<Vec<u8>> {
        match &self.contents {
            Contents::Cifar(batches) => {
                Some(batches.iter().flat_map(|(_, batch)| batch.classes()).collect())
            }
            _ => None,
        }
    }

    /// The file of images, where it is an IDX file.
    pub(in crate::data) fn idx_path(&self) -> Option<&Path> {
        match &self.contents {
            Contents::Idx { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Decodes image `index` for `work`.
    pub(in crate::data) fn with_image<T>(
        &self,
        index: usize,
        work: impl FnOnce(&DecodedImage) -> Result<T, Problem>,
    ) -> Result<T, DataError> {
        let missing = || Problem::NoSuchImage { index, images: self.len() };
        let done = match &self.contents {
            Contents::Files(files) => files
                .get(index)
                .ok_or_else(missing)
                .and_then(|file| with_file(&read(&file.path, LARGEST_IMAGE_FILE)?, work)),
            Contents::Zip(images) => {
                images.read(index, LARGEST_IMAGE_FILE).and_then(|bytes| with_file(&bytes, work))
            }
            Contents::Idx { images, .. } => {
                images.image(index).ok_or_else(missing).and_then(|image| work(&image))
            }
            Contents::Cifar(batches) => {
                let image = at(batches, index).and_then(|(_, batch, within)| batch.image(within));
                image.ok_or_else(missing).and_then(|image| work(&image))
            }
        };
        done.map_err(|problem| DataError::new(&self.path(index), problem))
    }
}

/// Works with an image file, one at a time of the large ones, so that they do not fill the memory
/// where there are many threads.
fn with_file<T>(
    bytes: &[u8],
    work: impl FnOnce(&DecodedImage) -> Result<T, Problem>,
) -> Result<T, Problem> {
    const LARGE: u64 = 32 << 20;
    static TURN: Mutex<()> = Mutex::new(());
    let is_large = decoded_bytes(bytes) > LARGE;
    let _turn = is_large.then(|| TURN.lock().unwrap_or_else(PoisonError::into_inner));
    work(&decode_image(bytes)?)
}

/// The batch that has image `index` of all, and its place there.
fn at(batches: &[(String, CifarBatch)], index: usize) -> Option<(&str, &CifarBatch, usize)> {
    let mut within = index;
    for (name, batch) in batches {
        match within.checked_sub(batch.count()) {
            Some(rest) => within = rest,
            None => return Some((name, batch, within)),
        }
    }
    None
}

fn read_batch(file: &SourceFile) -> Result<(String, CifarBatch), DataError> {
    let at = |problem| DataError::new(&file.path, problem);
    let bytes = read(&file.path, LONGEST_BATCH).map_err(at)?;
    let name = file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok((name, CifarBatch::parse(bytes).map_err(at)?))
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Problem> {
    let file = File::open(path).map_err(Problem::Unreadable)?;
    let bytes = file.metadata().map_err(Problem::Unreadable)?.len();
    if bytes > limit {
        return Err(Problem::FileTooLarge { bytes, limit });
    }
    let mut contents = Vec::with_capacity(bytes as usize);
    // It may grow meanwhile.
    file.take(limit).read_to_end(&mut contents).map_err(Problem::Unreadable)?;
    Ok(contents)
}
