//! What values options take.

use clap::builder::{PossibleValuesParser, RangedI64ValueParser, TypedValueParser, ValueParser};
use gan::networks::Preset;

pub(super) fn preset() -> ValueParser {
    let names = Preset::all().iter().map(|preset| preset.name());
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Preset>()).into()
}

pub(super) fn width() -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=256)
}

pub(super) fn batch() -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(2..=4096)
}

/// From a rate at which nothing moves to one at which everything breaks.
pub(super) fn learning_rate(text: &str) -> Result<f64, String> {
    number_up_to(1.0, text).ok_or_else(|| "needs a number from 0 to 1, such as 0.0002".to_owned())
}

pub(super) fn discriminator_ratio(text: &str) -> Result<f64, String> {
    number_up_to(1000.0, text)
        .ok_or_else(|| "needs a number from 0 to 1000, such as 0.5".to_owned())
}

fn number_up_to(most: f64, text: &str) -> Option<f64> {
    text.parse().ok().filter(|value| (0.0..=most).contains(value))
}

pub(super) fn thousands(text: &str) -> Result<f64, String> {
    let needs = "needs a number of thousands of images from 0.001 to 1,000,000, such as 20 or 0.5";
    let value: f64 = text.parse().map_err(|_| needs.to_owned())?;
    if (0.001..=1e6).contains(&value) { Ok(value) } else { Err(needs.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_take_fractions_and_refuse_what_is_no_amount() {
        assert_eq!(thousands("0.5"), Ok(0.5));
        assert_eq!(thousands("300"), Ok(300.0));
        for text in ["0", "-1", "NaN", "inf", "", "many", "1e9"] {
            assert!(thousands(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates_are_from_0_to_1() {
        assert_eq!(learning_rate("2e-4"), Ok(0.0002));
        assert_eq!(discriminator_ratio("2"), Ok(2.0));
        assert!(discriminator_ratio("-1").is_err() && discriminator_ratio("inf").is_err());
        for text in ["-1", "NaN", "2", "", "fast"] {
            assert!(learning_rate(text).is_err(), "{text}");
        }
    }
}
