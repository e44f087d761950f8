//! What files are, by their names.

use std::path::Path;

const IMAGE_EXTENSIONS: [&str; 7] = ["png", "jpg", "jpeg", "jfif", "bmp", "gif", "webp"];
/// What macOS puts beside the files in its archives.
const MAC_FOLDER: &str = "__MACOSX";

/// Whether a file or folder of this name is passed over in silence.
pub(super) fn is_hidden(name: &str) -> bool {
    name == MAC_FOLDER || (name.starts_with('.') && name != "." && name != "..")
}

pub(super) fn is_image(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        let extension = extension.to_string_lossy().to_lowercase();
        IMAGE_EXTENSIONS.contains(&extension.as_str())
    })
}

pub(super) fn is_idx_images(name: &str) -> bool {
    name.to_lowercase().contains("idx3-ubyte")
}

/// The name of a source's path without its extension, reduced to letters, digits, `-`, `_` and `.`.
pub(super) fn short_name(source: &Path, is_folder: bool) -> String {
    let whole = source.canonicalize().unwrap_or_else(|_| source.to_owned());
    let name = if is_folder { whole.file_name() } else { whole.file_stem() };
    let name = name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let fit = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = name.trim_end_matches(".tar").chars().map(fit).collect();
    match name.trim_matches(['-', '.']) {
        "" => "data".to_owned(),
        name => name.chars().take(40).collect(),
    }
}
