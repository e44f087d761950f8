//! What can go wrong in measuring.

use gan::{
    data::DataError, executor::ExecutorError, export::ExportError, networks::NetworkError,
    weights::WeightsError,
};
use graph::GraphError;

/// Images that cannot be measured, or a network that cannot measure them.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// Pixels that are no whole number of images.
    #[error("{found} bytes are no images of {height}x{width}x{channels} bytes (H, W, C)")]
    Pixels {
        /// Bytes given.
        found: usize,
        /// Rows that the network takes.
        height: usize,
        /// Columns that it takes.
        width: usize,
        /// Channels that it takes.
        channels: usize,
    },
    /// Too few images for a score.
    #[error("{found} images are too few to measure; {needed} are the least")]
    TooFew {
        /// Images given.
        found: usize,
        /// The least.
        needed: usize,
    },
    /// Labels that are not of the images.
    #[error(
        "there are {labels} labels for {images} images; leave out no bad files where labels are used"
    )]
    Labels {
        /// Labels given.
        labels: usize,
        /// Images given.
        images: usize,
    },
    /// Tests of other classes than were learnt.
    #[error("the tests have {tests} classes, and {learnt} were learnt")]
    Classes {
        /// Classes of the tests.
        tests: usize,
        /// Classes of the images that were learnt from.
        learnt: usize,
    },
    /// A file that is no classifier of Ganvas.
    #[error("is no classifier: {0}")]
    NotAClassifier(String),
    /// Features that a covariance cannot be made of.
    #[error("the features of these images are not finite, so they cannot be measured")]
    NotFinite,
    /// The network cannot be built for these images.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A graph that does not fit itself.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The device failed.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// An image cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The weights do not fit.
    #[error(transparent)]
    Weights(Box<WeightsError>),
    /// The network cannot be written.
    #[error(transparent)]
    Export(#[from] ExportError),
}

impl From<WeightsError> for MetricsError {
    fn from(error: WeightsError) -> Self {
        Self::Weights(Box::new(error))
    }
}
