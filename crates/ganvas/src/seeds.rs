//! Lists of seeds, such as `0,1,4-6`.

use std::str::FromStr;

const MOST: usize = 10_000;

/// Seeds in the order asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seeds(pub(crate) Vec<u64>);

/// A list that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SeedsError {
    #[error("`{0}` is neither a number nor a range; a list looks like 0-63 or 0,1,4-6")]
    Part(String),
    #[error("the range `{0}` runs backwards")]
    Backwards(String),
    #[error("more than {MOST} seeds; ask for fewer at a time")]
    TooMany,
}

impl FromStr for Seeds {
    type Err = SeedsError;

    fn from_str(text: &str) -> Result<Self, SeedsError> {
        let mut seeds = Vec::new();
        for part in text.split(',').map(str::trim) {
            let number =
                |text: &str| text.trim().parse().map_err(|_| SeedsError::Part(part.to_owned()));
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last): (u64, u64) = (number(first)?, number(last)?);
            if first > last {
                return Err(SeedsError::Backwards(part.to_owned()));
            }
            if last - first >= (MOST - seeds.len()) as u64 {
                return Err(SeedsError::TooMany);
            }
            seeds.extend(first..=last);
        }
        Ok(Self(seeds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds(text: &str) -> Result<Vec<u64>, SeedsError> {
        text.parse::<Seeds>().map(|seeds| seeds.0)
    }

    #[test]
    fn numbers_and_ranges_in_their_order() {
        assert_eq!(seeds("7"), Ok(vec![7]));
        assert_eq!(seeds("0,1,4-6"), Ok(vec![0, 1, 4, 5, 6]));
        assert_eq!(seeds("9 - 9, 3"), Ok(vec![9, 3]));
        assert_eq!(seeds("18446744073709551615"), Ok(vec![u64::MAX]));
        assert_eq!(seeds("0-63").map(|seeds| seeds.len()), Ok(64));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["", "a", "1,", "-1", "1-", "0x10", "1.5", "18446744073709551616"] {
            assert!(matches!(seeds(text), Err(SeedsError::Part(_))), "{text}");
        }
        assert!(matches!(seeds("6-4"), Err(SeedsError::Backwards(_))));
        assert_eq!(seeds("0-9999").map(|seeds| seeds.len()), Ok(10_000));
        for text in ["0-10000", "0-18446744073709551615", "0-9999,1"] {
            assert_eq!(seeds(text), Err(SeedsError::TooMany), "{text}");
        }
    }
}
