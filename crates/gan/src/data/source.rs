//! Where images come from: what kind of source it is, and what it has been changed to since.

use super::{BadFiles, DataError, Preparation, Problem, cifar::is_training_batch, names};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

mod images;
mod shared_file;

pub(super) use images::Images;
pub(super) use shared_file::SharedFile;

/// The name of CIFAR-10's archive in a folder.
const CIFAR_ARCHIVE: &str = "cifar-10-binary.tar.gz";

/// What is in a source beside images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Files of other kinds.
    pub others: usize,
    /// Symbolic links, which are not followed.
    pub links: usize,
}

/// A file of a source.
#[derive(Clone, Debug)]
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    bytes: u64,
    modified: Option<SystemTime>,
}

/// The files of a source, none of them opened but to tell its kind.
#[derive(Debug)]
pub(super) struct Listing {
    /// As it was given.
    pub(super) source: PathBuf,
    /// Fit for a folder's name.
    pub(super) name: String,
    kind: Kind,
    left_out: LeftOut,
    /// Folders that cannot be read.
    pub(super) unreadable: Vec<DataError>,
}

#[derive(Debug)]
enum Kind {
    Digits,
    Folder(Vec<SourceFile>),
    Zip(SourceFile),
    Idx(SourceFile),
    CifarArchive(SourceFile),
    CifarBatches(Vec<SourceFile>),
}

impl Listing {
    pub(super) fn of(source: &str, bad_files: BadFiles) -> Result<Self, DataError> {
        let path = Path::new(source);
        if source == "digits" {
            return Ok(Self::new(path, "digits".to_owned(), Kind::Digits));
        }
        let metadata = fs::metadata(path).map_err(|error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            let problem = if missing { Problem::Missing } else { Problem::Unreadable(error) };
            DataError::new(path, problem)
        })?;
        let name = names::short_name(path, metadata.is_dir());
        if !metadata.is_dir() && !metadata.is_file() {
            return Err(DataError::new(path, Problem::NotASource));
        }
        if metadata.is_file() {
            let file = SourceFile::new(path.to_owned(), &metadata);
            return Ok(Self::new(path, name, Kind::of_file(file)?));
        }
        let found = Found::walk(path, bad_files)?;
        let Found { images, special, left_out, unreadable } = found;
        let kind = Kind::of_special(special).unwrap_or(Kind::Folder(images));
        Ok(Self { left_out, unreadable, ..Self::new(path, name, kind) })
    }

    fn new(source: &Path, name: String, kind: Kind) -> Self {
        let (left_out, unreadable) = (LeftOut::default(), Vec::new());
        Self { source: source.to_owned(), name, kind, left_out, unreadable }
    }

    /// What tells this source and preparation from others, whatever the files hold: a SHA-256.
    pub(super) fn place_key(&self, preparation: &Preparation) -> [u8; 32] {
        let whole = self.source.canonicalize().unwrap_or_else(|_| self.source.clone());
        let mut digest = Sha256::new();
        digest.update(format!("{preparation:?}\n"));
        digest.update(whole.as_os_str().as_encoded_bytes());
        digest.finalize().into()
    }

    /// What changes when a file comes, goes or changes: a SHA-256 of the path, size and time of
    /// each.
    pub(super) fn state_key(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for SourceFile { path, bytes, modified } in self.kind.files() {
            let name = path.strip_prefix(&self.source).unwrap_or(path);
            let name = name.as_os_str().as_encoded_bytes();
            let since = |time: SystemTime| match time.duration_since(UNIX_EPOCH) {
                Ok(after) => after.as_nanos() as i128,
                Err(before) => -(before.duration().as_nanos() as i128),
            };
            digest.update((name.len() as u64).to_le_bytes());
            digest.update(name);
            digest.update(bytes.to_le_bytes());
            digest.update(modified.map_or(i128::MIN, since).to_le_bytes());
        }
        digest.finalize().into()
    }

    /// Whether it is read without a cache: bundled, or a file that is read as fast as one.
    pub(super) fn is_quick(&self) -> bool {
        matches!(self.kind, Kind::Digits | Kind::Idx(_))
    }
}

impl Kind {
    fn of_file(file: SourceFile) -> Result<Self, DataError> {
        let at = |problem| DataError::new(&file.path, problem);
        let start = first_bytes(&file.path).map_err(|error| at(Problem::Unreadable(error)))?;
        // A tar archive's first header says so at its place 257.
        let is_tar = |start: &[u8]| start.get(257..).is_some_and(|rest| rest.starts_with(b"ustar"));
        let is_idx = |start: &[u8]| start.starts_with(&[0, 0]) && !is_tar(start);
        let name = file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if start.starts_with(b"PK") {
            Ok(Self::Zip(file))
        } else if is_tar(&start) {
            Ok(Self::CifarArchive(file))
        } else if is_training_batch(&name) {
            Ok(Self::CifarBatches(vec![file]))
        } else if is_idx(&start) || names::is_idx_images(&name) {
            Ok(Self::Idx(file))
        } else {
            Err(at(Problem::NotASource))
        }
    }

    /// The data set that lies directly in a folder, if one does. Of several IDX files of images it
    /// is the first that holds: its name starts with `train`; with `t10k`; it is first in order.
    fn of_special(files: Vec<SourceFile>) -> Option<Self> {
        let is = |file: &SourceFile, test: &dyn Fn(&str) -> bool| {
            file.path.file_name().is_some_and(|name| test(&name.to_string_lossy()))
        };
        let starting = |start: &str| {
            let fits = |name: &str| names::is_idx_images(name) && name.starts_with(start);
            files.iter().find(|file| is(file, &fits)).cloned()
        };
        if let Some(file) = ["train", "t10k", ""].into_iter().find_map(starting) {
            return Some(Self::Idx(file));
        }
        if let Some(file) = files.iter().find(|file| is(file, &|name| name == CIFAR_ARCHIVE)) {
            return Some(Self::CifarArchive(file.clone()));
        }
        let mut batches = files;
        batches.retain(|file| is(file, &is_training_batch));
        (!batches.is_empty()).then_some(Self::CifarBatches(batches))
    }

    fn files(&self) -> &[SourceFile] {
        match self {
            Self::Digits => &[],
            Self::Folder(files) | Self::CifarBatches(files) => files,
            Self::Zip(file) | Self::Idx(file) | Self::CifarArchive(file) => {
                std::slice::from_ref(file)
            }
        }
    }
}

impl SourceFile {
    fn new(path: PathBuf, metadata: &fs::Metadata) -> Self {
        Self { path, bytes: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// The start of a file, or of what it holds gzipped.
fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    const ENOUGH: u64 = 512;
    let mut start = Vec::new();
    File::open(path)?.take(ENOUGH).read_to_end(&mut start)?;
    if start.starts_with(&[0x1f, 0x8b]) {
        let mut held = Vec::new();
        // What is damaged here is told of when the whole is read.
        let _ = GzDecoder::new(File::open(path)?).take(ENOUGH).read_to_end(&mut held);
        return Ok(held);
    }
    Ok(start)
}

/// What lies in a folder and the folders in it, in order of the paths.
#[derive(Default)]
struct Found {
    images: Vec<SourceFile>,
    /// Files directly in it that are whole data sets, by their names.
    special: Vec<SourceFile>,
    left_out: LeftOut,
    unreadable: Vec<DataError>,
}

impl Found {
    /// Symbolic links are not followed, and what starts with a dot is passed over.
    fn walk(root: &Path, bad_files: BadFiles) -> Result<Self, DataError> {
        let mut found = Self::default();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            match found.look_into(&folder, root, &mut folders) {
                Err(error) if bad_files == BadFiles::Skip && folder != root => {
                    let error = DataError::new(&folder, Problem::Unreadable(error));
                    found.unreadable.push(error);
                }
                Err(error) => return Err(DataError::new(&folder, Problem::Unreadable(error))),
                Ok(()) => {}
            }
        }
        found.images.sort_by(|a, b| a.path.cmp(&b.path));
        found.special.sort_by(|a, b| a.path.cmp(&b.path));
        found.unreadable.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    fn look_into(
        &mut self,
        folder: &Path,
        root: &Path,
        folders: &mut Vec<PathBuf>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let path = entry.path();
            let file_name = entry.file_name();
            let name = file_name.to_string_lossy();
            let is_special = folder == root
                && (names::is_idx_images(&name)
                    || is_training_batch(&name)
                    || name == CIFAR_ARCHIVE);
            if names::is_hidden(&name) {
                continue;
            } else if kind.is_symlink() {
                self.left_out.links += 1;
            } else if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && names::is_image(&path) {
                self.images.push(SourceFile::new(path, &entry.metadata()?));
            } else if kind.is_file() && is_special {
                self.special.push(SourceFile::new(path, &entry.metadata()?));
            } else {
                self.left_out.others += 1;
            }
        }
        Ok(())
    }
}
