//! What can be wrong with data.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// A source of images that cannot be used, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", printable(&path.display()))]
pub struct DataError {
    /// The file or folder; the source's name for bundled data.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

impl DataError {
    /// `problem` at `path`.
    pub fn new(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), problem }
    }
}

/// Words of a file from elsewhere as they can be shown: control characters, which could steer a
/// terminal or forge lines, as `\u{..}`.
pub fn printable(words: &impl fmt::Display) -> String {
    let mut shown = String::new();
    for character in words.to_string().chars() {
        match character.is_control() {
            true => shown.extend(character.escape_unicode()),
            false => shown.push(character),
        }
    }
    shown
}

/// What is wrong with a file or folder.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing is there.
    #[error("no such file or folder; {SOURCES}")]
    Missing,
    /// A file that is no source of images.
    #[error("is no source of images; {SOURCES}")]
    NotASource,
    /// The system refused to read it.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// A folder with nothing to learn from.
    #[error(
        "holds no images: looked for PNG, JPEG, BMP, GIF and WebP files in it and its folders, and \
         for IDX files (train-images-idx3-ubyte.gz) and CIFAR-10 (data_batch_1.bin) in it; found \
         {files} other files and {links} symbolic links, which are not followed"
    )]
    NoImages {
        /// Files of other kinds.
        files: usize,
        /// Symbolic links.
        links: usize,
    },
    /// Not a file of images in IDX format.
    #[error(
        "is not an IDX file of images: it starts with {found:#010x}, not with 0x00000803 (unsigned \
         bytes, three dimensions)"
    )]
    IdxMagic {
        /// The first four bytes, big-endian.
        found: u32,
    },
    /// Not an IDX file of labels.
    #[error(
        "is not an IDX file of labels: it starts with {found:#010x}, not with 0x00000801 (unsigned \
         bytes, one dimension)"
    )]
    LabelMagic {
        /// The first four bytes, big-endian.
        found: u32,
    },
    /// Labels of other images.
    #[error("has {labels} labels, but there are {images} images")]
    LabelCount {
        /// Labels in the file.
        labels: usize,
        /// Images beside it.
        images: usize,
    },
    /// An IDX header with sizes that cannot be.
    #[error(
        "declares {count} images of {height} x {width}; needs at least one image, sides from 1 to \
         {largest_side} and {largest_bytes} bytes in all at most"
    )]
    IdxSizes {
        /// Images declared.
        count: u32,
        /// Rows declared.
        height: u32,
        /// Columns declared.
        width: u32,
        /// The most rows or columns.
        largest_side: u32,
        /// The most bytes.
        largest_bytes: u64,
    },
    /// Fewer bytes than declared.
    #[error("is truncated: {needed} bytes are needed, {found} are there")]
    Truncated {
        /// Bytes that the header asks for, with the header itself.
        needed: u64,
        /// Bytes present.
        found: u64,
    },
    /// More bytes than declared.
    #[error("is longer than the {needed} bytes that its header declares")]
    TrailingBytes {
        /// Bytes that the header asks for, with the header itself.
        needed: u64,
    },
    /// A gzip stream that does not inflate.
    #[error("is a damaged or truncated gzip file: {0}")]
    Gzip(io::Error),
    /// A file too large to be read into memory.
    #[error("has {bytes} bytes; {limit} is the most that is read from a file of this kind")]
    FileTooLarge {
        /// Its length.
        bytes: u64,
        /// The longest that is read.
        limit: u64,
    },
    /// Not an image of a format that is read.
    #[error("is not a PNG, JPEG, BMP, GIF or WebP image, whatever its name says")]
    NotAnImage,
    /// An image over the limits.
    #[error(
        "is too large an image: {width} x {height} pixels, {bytes} bytes decoded; {largest_side} x \
         {largest_side} and {largest_bytes} bytes are the most"
    )]
    ImageTooLarge {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes once decoded.
        bytes: u64,
        /// The most rows or columns.
        largest_side: u32,
        /// The most bytes.
        largest_bytes: u64,
    },
    /// An image without a pixel.
    #[error("is an image of {width} x {height} pixels: there is nothing in it")]
    EmptyImage {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// An image that its decoder refuses.
    #[error("is a damaged image: {0}")]
    Undecodable(image::ImageError),
    /// A JPEG image that stops before its end.
    #[error("is a truncated JPEG image: the marker of its end is missing")]
    JpegWithoutEnd,
    /// An image that cannot be made another size.
    #[error("cannot be resized: {0}")]
    Unresizable(String),
    /// All images of a source were left out as bad.
    #[error("holds {files} images and none can be read; the first: {first}")]
    AllBad {
        /// Bad files.
        files: usize,
        /// The first of them, and what is wrong with it.
        first: String,
    },
    /// A zip archive, or an entry, that does not unpack.
    #[error("is a damaged zip archive, or one of an unusual kind: {0}")]
    Zip(zip::result::ZipError),
    /// A zip entry that needs a password.
    #[error("is encrypted; unpack the archive and give the folder")]
    Encrypted,
    /// A zip archive that declares very many entries.
    #[error("declares {entries} entries; {limit} is the most")]
    ZipEntries {
        /// Entries declared.
        entries: u64,
        /// The most.
        limit: u64,
    },
    /// A zip archive whose entries lie over one another, as bombs' do.
    #[error(
        "is no honest zip archive: its entries take {packed} bytes together, but it has {bytes}"
    )]
    ZipOverlap {
        /// Their compressed sizes, added up.
        packed: u64,
        /// The archive's length.
        bytes: u64,
    },
    /// A tar archive that does not unpack.
    #[error("is a damaged or truncated tar archive: {0}")]
    Tar(io::Error),
    /// A tar archive without CIFAR-10's batches.
    #[error(
        "is not CIFAR-10's binary archive: it holds none of data_batch_1.bin to data_batch_5.bin"
    )]
    NoCifarBatches,
    /// A batch of CIFAR-10 of an impossible length.
    #[error(
        "is not a batch of CIFAR-10: it has {bytes} bytes, where 1 to {most} times {record} are \
         needed"
    )]
    CifarSize {
        /// Bytes found.
        bytes: u64,
        /// Bytes of a label and an image.
        record: u64,
        /// The most images.
        most: u64,
    },
    /// A batch of CIFAR-10 with an impossible label.
    #[error("is not a batch of CIFAR-10: image {index} has label {label}, above 9")]
    CifarLabel {
        /// The image, from 0.
        index: usize,
        /// Its label.
        label: u8,
    },
    /// An image that is not there.
    #[error("has {images} images, so none of number {index} (from 0)")]
    NoSuchImage {
        /// The image asked for.
        index: usize,
        /// The number of images.
        images: usize,
    },
    /// Prepared images for which the disk is too small.
    #[error(
        "needs {} MB for prepared images, and there is room for {}; free space, let \
         GANVAS_CACHE_DIR name a folder elsewhere, or ask for a smaller --size",
        .bytes / 1_000_000,
        .room / 1_000_000
    )]
    NoRoom {
        /// Bytes needed.
        bytes: u64,
        /// Bytes that are free.
        room: u64,
    },
    /// Prepared images that could not be kept.
    #[error("cannot be written ({0}); free space, or let GANVAS_CACHE_DIR name another folder")]
    Cache(io::Error),
    /// Not enough images for one batch.
    #[error(
        "{} but a batch takes {batch}; {}",
        if *images == 1 { "has 1 image".to_owned() } else { format!("has {images} images") },
        advice(*images)
    )]
    TooFewImages {
        /// Images found.
        images: usize,
        /// Images asked for in each step.
        batch: usize,
    },
}

const SOURCES: &str = "--data takes `digits` (bundled), a folder or zip of images, IDX files \
    (MNIST's format, gzipped or not) or their folder, or cifar-10-binary.tar.gz";

fn advice(images: usize) -> String {
    match images {
        0 | 1 => "add images (at least 2)".to_owned(),
        _ => format!("add images, or ask for --batch {images} or less"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_elsewhere_cannot_steer_a_terminal() {
        let error =
            DataError::new(Path::new("a.zip: \u{1b}]0;x\u{7}é\nb.png"), Problem::NotAnImage);
        let shown = error.to_string();
        assert!(shown.starts_with("a.zip: \\u{1b}]0;x\\u{7}é\\u{a}b.png: is not a"), "{shown}");
    }
}
