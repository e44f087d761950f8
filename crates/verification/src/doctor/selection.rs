//! Paths of checks.

use std::{convert::Infallible, fmt, str::FromStr};

/// A part of the checks, by its path: `OP`, `OP/GROUP`, `OP/GROUP/CASE`, `OP/GROUP/CASE/FAMILY`,
/// `law/NAME`, `step/PRESET`, `step/PRESET/BATCH` or `traps`. Empty for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection(pub(super) Vec<String>);

/// A path that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{asked}` is none of the checks: there {}", known(.there))]
pub struct UnknownSelection {
    /// What was asked for.
    pub asked: String,
    /// What there is in its place.
    pub there: Vec<String>,
}

fn known(there: &[String]) -> String {
    match there {
        [] => "is nothing below it".to_owned(),
        [only] => format!("is {only}"),
        [first, .., last] if first == "0" => format!("are cases {first} to {last}"),
        several => format!("are {}", several.join(", ")),
    }
}

impl Selection {
    /// That the path names nothing, where there is this.
    pub(super) fn is_none_of(&self, there: Vec<String>) -> UnknownSelection {
        UnknownSelection { asked: self.to_string(), there }
    }

    pub(super) fn part(&self, place: usize) -> Option<&str> {
        self.0.get(place).map(String::as_str)
    }

    /// Whether it leaves open what is at this place of the path, or names it.
    pub(super) fn takes(&self, place: usize, name: &str) -> bool {
        self.part(place).is_none_or(|part| part == name)
    }
}

impl FromStr for Selection {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split('/').filter(|part| !part.is_empty());
        Ok(Self(parts.map(str::to_lowercase).collect()))
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}
