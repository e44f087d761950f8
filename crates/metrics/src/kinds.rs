//! Which metrics are asked for.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A metric by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetricKind {
    /// The Fréchet distance.
    Frechet,
    /// The kernel inception distance.
    Kernel,
    /// Precision, recall, density and coverage.
    Neighbourhoods,
    /// Modes and the histogram of labels.
    Modes,
}

impl MetricKind {
    /// Every metric.
    pub const ALL: [Self; 4] = [Self::Frechet, Self::Kernel, Self::Neighbourhoods, Self::Modes];

    /// The name that users type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frechet => "fd",
            Self::Kernel => "kid",
            Self::Neighbourhoods => "prdc",
            Self::Modes => "modes",
        }
    }

    /// Whether it needs every pair of images.
    pub(crate) fn takes_pairs(self) -> bool {
        matches!(self, Self::Kernel | Self::Neighbourhoods)
    }
}

impl fmt::Display for MetricKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Metrics as they are asked for: names with commas between them, or `none`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MetricList(pub Vec<MetricKind>);

impl fmt::Display for MetricList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|kind| kind.name()).collect();
        f.write_str(if names.is_empty() { "none" } else { "" })?;
        f.write_str(&names.join(","))
    }
}

impl From<MetricList> for String {
    fn from(list: MetricList) -> Self {
        list.to_string()
    }
}

impl TryFrom<String> for MetricList {
    type Error = UnknownMetric;

    fn try_from(text: String) -> Result<Self, UnknownMetric> {
        text.parse()
    }
}

impl FromStr for MetricList {
    type Err = UnknownMetric;

    fn from_str(text: &str) -> Result<Self, UnknownMetric> {
        if text == "none" {
            return Ok(Self::default());
        }
        let mut kinds: Vec<MetricKind> =
            text.split(',').map(str::parse).collect::<Result<_, _>>()?;
        kinds.sort_unstable();
        kinds.dedup();
        Ok(Self(kinds))
    }
}

/// A name that is no metric's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no metric `{0}`; there are fd, kid, prdc and modes, with commas between them")]
pub struct UnknownMetric(String);

impl FromStr for MetricKind {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Self, UnknownMetric> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| UnknownMetric(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_written_as_they_are_read() {
        for (asked, written) in
            [("none", "none"), ("fd", "fd"), ("modes,fd,fd", "fd,modes"), ("prdc,kid", "kid,prdc")]
        {
            assert_eq!(asked.parse::<MetricList>().unwrap().to_string(), written);
        }
        for bad in ["", "fid", "fd,", "none,fd"] {
            assert!(bad.parse::<MetricList>().is_err(), "{bad}");
        }
    }
}
