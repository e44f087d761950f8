//! How near generated images are to real ones.
//!
//! Images are compared by what a small network makes of them ([`FeatureNetwork`]): a classifier of
//! digits that is bundled, one trained on labels ([`training`]), or one that stays as its seed made
//! it. [`Reference`] holds what is needed of the real images, with how near they come to one another,
//! and [`Reference::measure`] yields a [`Report`] of others.
//!
//! | score | what it is | source |
//! |---|---|---|
//! | `fd` | Fréchet distance of two normal distributions | Dowson & Landau 1982; Heusel et al. 2017 |
//! | `kid` | squared maximum mean discrepancy under a cubic kernel | Bińkowski et al. 2018 |
//! | `precision`, `recall` | shares within the other's neighbourhoods | Kynkäänniemi et al. 2019 |
//! | `density`, `coverage` | the same, robust against outliers | Naeem et al. 2020 |
//! | `modes`, `label_kl` | classes that are drawn, and how evenly | Srivastava et al. 2017 |

mod error;
mod extractor;
mod feature_network;
mod frechet;
mod kinds;
mod label_histogram;
mod pairs;
mod products;
mod reference;
mod report;
pub mod training;

pub use error::MetricsError;
pub use extractor::{Extractor, Features};
pub use feature_network::{FEATURES, FeatureNetwork, Origin, Trained};
pub use frechet::{Moments, frechet_distance};
pub use kinds::{MetricKind, MetricList, UnknownMetric};
pub use label_histogram::LabelHistogram;
pub use pairs::{Across, Neighbourhoods, Within, across, kernel_distance, within};
pub use products::Products;
pub use reference::{Reference, Selection};
pub use report::{Report, Score, Scores};
