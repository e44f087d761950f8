//! What can be wrong with data.

use std::{
    io,
    path::{Path, PathBuf},
};

/// A source of images that cannot be used, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
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

/// What is wrong with a file or folder.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing is there.
    #[error(
        "no such folder; --data takes `digits` (bundled), a folder of images or a folder of IDX \
         files"
    )]
    Missing,
    /// A file where a folder is needed.
    #[error(
        "is not a folder; --data takes `digits` (bundled), a folder of images or a folder of IDX \
         files"
    )]
    NotAFolder,
    /// The system refused to read it.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// A folder with nothing to learn from.
    #[error(
        "holds no images: looked for PNG, JPEG, BMP, GIF and WebP files in it and its folders, and \
         for IDX files such as train-images-idx3-ubyte.gz in it; found {files} other files and \
         {links} symbolic links, which are not followed"
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
    /// An image that its decoder refuses.
    #[error("is a damaged image: {0}")]
    Undecodable(image::ImageError),
    /// A JPEG image that stops before its end.
    #[error("is a truncated JPEG image: the marker of its end is missing")]
    JpegWithoutEnd,
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

fn advice(images: usize) -> String {
    match images {
        0 | 1 => "add images (at least 2)".to_owned(),
        _ => format!("add images, or ask for --batch {images} or less"),
    }
}
