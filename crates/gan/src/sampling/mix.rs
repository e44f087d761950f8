//! Arithmetic on seeds.

use super::{Latents, latents};
use crate::networks::LATENT_SIZE;
use std::{collections::BTreeMap, fmt, str::FromStr};

/// A sum and difference of seeds' latent vectors, written `7-3+12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    /// As it was written, without spaces.
    text: String,
    /// How often each seed is added, less how often it is subtracted; never all 0.
    weights: BTreeMap<u64, i64>,
}

/// What is no sum of seeds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MixError {
    /// A term that is no seed.
    #[error("`{term}` in `{text}` is no seed; a mix looks like 7-3+12")]
    Term {
        /// The term, without its sign.
        term: String,
        /// All that was written.
        text: String,
    },
    /// Whatever is added is subtracted too.
    #[error("nothing is left of `{0}`: every seed in it is subtracted as often as it is added")]
    Nothing(String),
}

impl Mix {
    /// Σ wᵢ zᵢ / √(Σ wᵢ²) over the seeds' latent vectors zᵢ.
    ///
    /// The weighted sum of independent standard normal vectors has the variance Σ wᵢ², so that what
    /// comes of it is distributed, and as long, as the latent vectors of training. A single seed
    /// stays what it is.
    pub fn latents(&self) -> Latents {
        let mut sum = [0.0; LATENT_SIZE];
        for (&seed, &weight) in &self.weights {
            for (sum, value) in sum.iter_mut().zip(latents(seed)) {
                *sum += weight as f64 * f64::from(value);
            }
        }
        let variance: f64 = self.weights.values().map(|&weight| (weight as f64).powi(2)).sum();
        sum.map(|sum| (sum / variance.sqrt()) as f32)
    }
}

impl FromStr for Mix {
    type Err = MixError;

    fn from_str(text: &str) -> Result<Self, MixError> {
        let text: String = text.split_whitespace().collect();
        let signed = text.replace('-', "+-");
        let mut weights = BTreeMap::new();
        for term in signed.strip_prefix('+').unwrap_or(&signed).split('+') {
            let (weight, seed) = term.strip_prefix('-').map_or((1, term), |seed| (-1, seed));
            let no_seed = |_| MixError::Term { term: seed.to_owned(), text: text.clone() };
            *weights.entry(seed.parse().map_err(no_seed)?).or_insert(0) += weight;
        }
        match weights.values().all(|&weight| weight == 0) {
            true => Err(MixError::Nothing(text)),
            false => Ok(Self { text, weights }),
        }
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mix(text: &str) -> Latents {
        text.parse::<Mix>().unwrap().latents()
    }

    #[test]
    fn one_seed_stays_what_it_is() {
        for text in ["7", "+7", "7+7", "7 - 3 + 3"] {
            assert_eq!(mix(text), latents(7), "{text}");
        }
        assert_eq!(mix("-7"), latents(7).map(|value| -value));
    }

    #[test]
    fn sums_are_as_long_as_latents() {
        let [a, b, c] = [7, 3, 12].map(latents);
        let found = mix("7-3+12");
        for (place, value) in found.iter().enumerate() {
            let expected = (a[place] - b[place] + c[place]) / 3.0_f32.sqrt();
            assert!((value - expected).abs() < 1e-6, "{place}: {value} for {expected}");
        }
        assert_eq!(found, mix("12+7-3"), "whatever the order");
        let weighted = mix("7+7-3");
        let expected = (2.0 * a[0] - b[0]) / 5.0_f32.sqrt();
        assert!((weighted[0] - expected).abs() < 1e-6);
    }

    #[test]
    fn what_is_no_sum_is_refused() {
        for text in ["", "a", "7-", "7--3", "++7", "7+a", "7,3", "1.5", "18446744073709551616"] {
            let error = text.parse::<Mix>().unwrap_err();
            assert!(matches!(error, MixError::Term { .. }), "{text}: {error}");
        }
        assert_eq!("3-7+7-3".parse::<Mix>(), Err(MixError::Nothing("3-7+7-3".to_owned())));
        assert_eq!("7 - 3".parse::<Mix>().unwrap().to_string(), "7-3");
    }
}
