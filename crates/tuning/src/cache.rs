//! What was measured on an adapter, as a readable file's contents: JSON.

use crate::{Finding, Measured, Workload};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tensor_ops::{Traits, Variant};

/// The version of the format.
const FORMAT: u32 = 1;

/// What a cache is for: times, and what is correct, hold for one adapter with one driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    /// Its name.
    pub name: String,
    /// Backend and driver, with its version.
    pub driver: String,
}

/// The variants chosen on one adapter, and the times that they were chosen by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    format: u32,
    adapter: Adapter,
    /// By the products' names.
    products: BTreeMap<String, Entry>,
}

/// A product that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    variant: String,
    /// [`Workload::fingerprint`], in hexadecimal digits.
    kernels: String,
    /// What each candidate took that was timed.
    milliseconds: BTreeMap<String, f64>,
    /// Why the others were not.
    not_timed: BTreeMap<String, String>,
}

/// Contents of a file that serve nothing here.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// They are no cache.
    #[error("it cannot be read: {0}")]
    Corrupt(#[from] serde_json::Error),
    /// Another version's.
    #[error("it has format {found}, where this version reads {FORMAT}")]
    Format {
        /// The file's format.
        found: u32,
    },
    /// Of another adapter, or another driver.
    #[error("it was measured on {} with {}; this is {} with {}", .found.name, .found.driver, .asked.name, .asked.driver)]
    Adapter {
        /// Whose it is.
        found: Adapter,
        /// Whose is needed.
        asked: Adapter,
    },
}

/// Read first, so that another version's file is named as such.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Cache {
    /// One that holds nothing yet.
    pub fn new(adapter: Adapter) -> Self {
        Self { format: FORMAT, adapter, products: BTreeMap::new() }
    }

    /// A file's contents, for this adapter.
    ///
    /// # Errors
    /// An [`Unusable`] for contents that [`Cache::to_json`] did not write for it.
    pub fn parse(bytes: &[u8], adapter: &Adapter) -> Result<Self, Unusable> {
        let Version { format } = serde_json::from_slice(bytes)?;
        if format != FORMAT {
            return Err(Unusable::Format { found: format });
        }
        let cache: Self = serde_json::from_slice(bytes)?;
        match cache.adapter == *adapter {
            true => Ok(cache),
            false => Err(Unusable::Adapter { found: cache.adapter, asked: adapter.clone() }),
        }
    }

    /// A file's contents.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The variant that was chosen for a product; `None` if it was not measured.
    pub fn get(&self, product: &Workload, traits: Traits) -> Option<Variant> {
        let entry = self.products.get(&product.name)?;
        let variant = Variant::of_name(&entry.variant)?;
        let usable =
            product.variants.contains(&variant) && entry.kernels == kernels(product, traits)?;
        usable.then_some(variant)
    }

    /// Whether a product was measured in other kernels than these.
    pub fn is_stale(&self, product: &Workload, traits: Traits) -> bool {
        self.products.contains_key(&product.name) && self.get(product, traits).is_none()
    }

    /// Keeps what was measured.
    pub fn insert(&mut self, product: &Workload, measured: &Measured, traits: Traits) {
        let Some(kernels) = kernels(product, traits) else { return };
        let (mut milliseconds, mut not_timed) = (BTreeMap::new(), BTreeMap::new());
        for (variant, finding) in &measured.findings {
            let variant = variant.name().to_owned();
            match finding {
                Finding::Timed(seconds) | Finding::GivenUp(seconds) => {
                    // To a hundred nanoseconds, so that people can read it.
                    _ = milliseconds.insert(variant, (seconds * 1e7).round() / 1e4);
                }
                Finding::Disagrees(how) => _ = not_timed.insert(variant, how.to_string()),
                Finding::Refused(error) => _ = not_timed.insert(variant, error.to_string()),
            }
        }
        let variant = measured.chosen.name().to_owned();
        let entry = Entry { variant, kernels, milliseconds, not_timed };
        self.products.insert(product.name.clone(), entry);
    }
}

fn kernels(product: &Workload, traits: Traits) -> Option<String> {
    Some(format!("{:08x}", product.fingerprint(traits).ok()?))
}

#[cfg(test)]
mod tests;
