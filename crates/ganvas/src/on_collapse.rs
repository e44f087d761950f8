//! `--on-collapse`: what to do about a run that is no longer healthy.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What happens once training has collapsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnCollapse {
    /// It is said, and training goes on.
    #[default]
    Warn,
    /// Training is saved and ends.
    Stop,
    /// Training goes on from where it was healthy.
    Rollback,
}
