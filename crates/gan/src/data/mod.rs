//! What a network learns from: sources of images, prepared as 8-bit pixels of one size, and the
//! order in which training takes them. A [`Feed`] prepares them ahead.
//!
//! Parsing works on bytes ([`decode_image`], [`parse_idx`], [`ZipImages`], [`parse_cifar_archive`]);
//! [`files`], [`inspect`] and the [`Cache`] touch a file system.

mod batches;
mod cache;
mod cifar;
mod dataset;
mod decode;
mod error;
mod feed;
pub mod files;
mod idx;
mod inspect;
mod labels;
mod names;
mod permutation;
mod pipeline;
mod placement;
mod preparation;
mod prepare;
mod source;
mod store;
mod tally;
mod zip_images;

pub(crate) use batches::mirror_image;
pub use batches::{Batches, Mirror};
pub use cache::Cache;
use cifar::CLASSES as CIFAR_CLASSES;
pub use cifar::{CifarBatch, parse_cifar_archive};
pub use dataset::{Dataset, PixelFile, Pixels};
pub use decode::{DecodedImage, Format, Mode, decode_image};
pub use error::{DataError, Problem, printable};
pub use feed::{BatchSource, Feed, Shuffled};
pub use idx::{IdxImages, parse_idx};
pub use inspect::{Inspection, for_each_image, inspect};
pub use labels::{Labels, labels, parse_idx_labels};
pub use permutation::Permutation;
pub use pipeline::OnProgress;
pub use preparation::{BadFiles, Fit, Preparation};
pub use prepare::{Facts, PreparedImage};
pub use source::LeftOut;
pub use tally::{LARGE, Outcome, SMALL};
pub use zip_images::ZipImages;

const DIGITS: &[u8] = include_bytes!("../../../../assets/t10k-images-idx3-ubyte.gz");
const DIGIT_LABELS: &[u8] = include_bytes!("../../../../assets/t10k-labels-idx1-ubyte.gz");
