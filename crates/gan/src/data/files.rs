//! Sources of images in the file system.

use super::{Assembler, DataError, Dataset, Problem, decode_image, idx::LARGEST_BYTES, parse_idx};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const IMAGE_EXTENSIONS: [&str; 7] = ["png", "jpg", "jpeg", "jfif", "bmp", "gif", "webp"];
const LARGEST_IMAGE_FILE: u64 = 64 << 20;

/// Loads `digits` (bundled) or a folder: of IDX files, if one lies in it directly, else of images,
/// in it and all folders below, in order of their paths. Symbolic links are not followed.
///
/// Of several IDX files of images, the first that holds: its name starts with `train`; with
/// `t10k`; it is first in order. `on_file` hears of each file read: its number, and how many.
pub fn load(source: &str, on_file: &mut dyn FnMut(usize, usize)) -> Result<Dataset, DataError> {
    if source == "digits" {
        return Dataset::digits();
    }
    let folder = Path::new(source);
    let metadata = fs::metadata(folder).map_err(|error| {
        let missing = error.kind() == io::ErrorKind::NotFound;
        let problem = if missing { Problem::Missing } else { Problem::Unreadable(error) };
        DataError::new(folder, problem)
    })?;
    if !metadata.is_dir() {
        return Err(DataError::new(folder, Problem::NotAFolder));
    }

    let found = Found::walk(folder)?;
    let mut assembler = Assembler::default();
    if let Some(file) = found.idx_images(folder) {
        on_file(1, 1);
        let images = parse_idx(&read(file, LARGEST_BYTES)?);
        assembler.add_idx(images.map_err(|problem| DataError::new(file, problem))?);
        assembler.note(format!("read from {}", file.display()));
    } else {
        for (number, file) in found.images.iter().enumerate() {
            on_file(number + 1, found.images.len());
            let image = decode_image(&read(file, LARGEST_IMAGE_FILE)?);
            assembler.add(&image.map_err(|problem| DataError::new(file, problem))?);
        }
        for (count, what) in [(found.links, "symbolic links"), (found.others, "other files")] {
            if count > 0 && !found.images.is_empty() {
                assembler.note(format!("left out: {count} {what}"));
            }
        }
    }
    assembler.finish(&name_of(folder)).map_err(|problem| match problem {
        Problem::NoImages { .. } => DataError::new(folder, found.nothing()),
        problem => DataError::new(folder, problem),
    })
}

#[derive(Default)]
struct Found {
    images: Vec<PathBuf>,
    idx: Vec<PathBuf>,
    others: usize,
    links: usize,
}

impl Found {
    fn walk(root: &Path) -> Result<Self, DataError> {
        let mut found = Self::default();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let unreadable = |error| DataError::new(&folder, Problem::Unreadable(error));
            for entry in fs::read_dir(&folder).map_err(unreadable)? {
                let entry = entry.map_err(unreadable)?;
                let kind = entry.file_type().map_err(unreadable)?;
                let path = entry.path();
                if entry.file_name().to_string_lossy().starts_with('.') {
                    continue;
                } else if kind.is_symlink() {
                    found.links += 1;
                } else if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() && is_image(&path) {
                    found.images.push(path);
                } else if kind.is_file() && is_idx_images(&path) {
                    found.idx.push(path);
                } else {
                    found.others += 1;
                }
            }
        }
        found.images.sort();
        found.idx.sort();
        Ok(found)
    }

    fn idx_images(&self, folder: &Path) -> Option<&Path> {
        let mut here: Vec<&Path> = self.idx.iter().map(PathBuf::as_path).collect();
        here.retain(|file| file.parent() == Some(folder));
        let starting = |start: &str| {
            here.iter().copied().find(|file| {
                file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start))
            })
        };
        starting("train").or_else(|| starting("t10k")).or_else(|| here.first().copied())
    }

    fn nothing(&self) -> Problem {
        Problem::NoImages { files: self.others + self.idx.len(), links: self.links }
    }
}

fn is_image(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        let extension = extension.to_string_lossy().to_lowercase();
        IMAGE_EXTENSIONS.contains(&extension.as_str())
    })
}

fn is_idx_images(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    name.is_some_and(|name| name.contains("idx3-ubyte"))
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, DataError> {
    let unreadable = |error| DataError::new(path, Problem::Unreadable(error));
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > limit {
        return Err(DataError::new(path, Problem::FileTooLarge { bytes, limit }));
    }
    fs::read(path).map_err(unreadable)
}

/// The folder's own name, reduced to letters, digits, `-`, `_` and `.`.
fn name_of(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
    let name: String = name
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' })
        .collect();
    match name.trim_matches(['-', '.']) {
        "" => "data".to_owned(),
        name => name.chars().take(40).collect(),
    }
}
