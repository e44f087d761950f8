//! Which variants of kernels a training runs in, as runs and checkpoints keep it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tensor_ops::{Choices, Variant};

/// The variants of a training's products on an adapter. Variants agree bit for bit there, so they
/// are no part of what determines a run, but of how it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenVariants {
    /// The adapter's name.
    pub adapter: String,
    /// Its backend and driver, with the driver's version.
    pub driver: String,
    /// The variants' names by the products' names, of [`tensor_ops::products_of`].
    pub products: BTreeMap<String, String>,
}

impl ChosenVariants {
    /// Those that were chosen on an adapter.
    pub fn new(adapter: &str, driver: &str, choices: &Choices) -> Self {
        let named = |(product, variant): (&str, Variant)| (product.to_owned(), variant.to_string());
        Self {
            adapter: adapter.to_owned(),
            driver: driver.to_owned(),
            products: choices.iter().map(named).collect(),
        }
    }

    /// The choices that this version knows. Products of the others get theirs by rule.
    pub fn choices(&self) -> Choices {
        let known =
            |(product, name): (&String, &String)| Some((product.clone(), Variant::of_name(name)?));
        self.products.iter().filter_map(known).collect()
    }

    /// The variants' names that this version does not know, each once.
    pub fn unknown(&self) -> Vec<&str> {
        let names = self.products.values().map(String::as_str);
        let mut unknown: Vec<&str> =
            names.filter(|name| Variant::of_name(name).is_none()).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_variants_are_named_and_left_to_the_rule() {
        let all: Choices =
            Variant::ALL.map(|variant| (variant.to_string(), variant)).into_iter().collect();
        let mut chosen = ChosenVariants::new("adapter", "driver 1", &all);
        assert_eq!((chosen.choices(), chosen.unknown()), (all.clone(), Vec::new()));
        for product in ["conv2d", "dense"] {
            chosen.products.insert(product.to_owned(), "tensor-cores".to_owned());
        }
        assert_eq!((chosen.choices(), chosen.unknown()), (all, vec!["tensor-cores"]));
    }
}
