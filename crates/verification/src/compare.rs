//! The one comparison.

use crate::tolerance::{Allowed, LEAST_NORMAL};
use graph::Shape;

/// What a kernel must leave in a tensor.
#[derive(Clone, Debug)]
pub enum Expected {
    /// These words.
    Words(Vec<u32>),
    /// These numbers, within what is allowed.
    Reals(Vec<f64>, Allowed),
}

/// Where a result differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// The coordinates of the element, outermost axis first; for a norm, of a channel.
    pub coordinates: Vec<usize>,
    /// What was found.
    pub found: f64,
    /// What the reference has.
    pub expected: f64,
    /// How far from it a result may be.
    pub allowed: f64,
    /// Elements that differ, this one among them.
    pub count: usize,
    /// Elements compared.
    pub of: usize,
    /// What was compared.
    pub unit: Unit,
}

/// What a comparison goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Numbers.
    Element,
    /// Words, bit for bit.
    Word,
    /// The L2 norms of each channel's errors.
    ChannelNorm,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { coordinates, found, expected, allowed, count, of, unit } = self;
        match unit {
            Unit::ChannelNorm => {
                let channel = coordinates.first().copied().unwrap_or_default();
                write!(f, "channel {channel} has errors of norm {found:.3e}, ")?;
                return write!(f, "{allowed:.1e} allowed; {count} of {of} channels are wrong");
            }
            Unit::Word => {
                let [found, expected] = [found, expected].map(|word| *word as u32);
                write!(f, "at {coordinates:?} found {found:#010x}, expected {expected:#010x}")?;
            }
            Unit::Element => {
                let (found, expected) = (number(*found), number(*expected));
                write!(f, "at {coordinates:?} found {found}, expected {expected}")?;
                match allowed {
                    0.0 => f.write_str(" exactly")?,
                    allowed => write!(f, " ± {allowed:.1e}")?,
                }
            }
        }
        write!(f, "; {count} of {of} elements are wrong")
    }
}

/// Nine digits, as powers of ten where there would be many zeros.
fn number(value: f64) -> String {
    if value != 0.0 && !(1e-3..1e9).contains(&value.abs()) {
        return format!("{value:.8e}");
    }
    let digits = format!("{value:.9}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The worst error over what is allowed (0 where all is exact), or the first mismatch. `found` is
/// the tensor's words.
///
/// # Errors
/// The first element that is off by more than is allowed, or is no number.
pub(crate) fn compare(found: &[u32], expected: &Expected, shape: &Shape) -> Result<f64, Mismatch> {
    assert_eq!(found.len(), shape.elements(), "elements of {shape}");
    match expected {
        Expected::Words(words) => {
            assert_eq!(words.len(), found.len(), "words expected");
            let pairs = found.iter().zip(words);
            let numbers = pairs.map(|(&found, &word)| (f64::from(found), f64::from(word), 0.0));
            judge(numbers, shape.dims(), Unit::Word)
        }
        Expected::Reals(values, Allowed::Each(allowed)) => {
            assert_eq!([values.len(), allowed.len()], [found.len(); 2], "numbers expected");
            let pairs = found.iter().zip(values).zip(allowed);
            let numbers = pairs.map(|((&found, &value), &allowed)| {
                (f64::from(f32::from_bits(found)), value, allowed)
            });
            judge(numbers, shape.dims(), Unit::Element)
        }
        Expected::Reals(values, Allowed::ChannelNorm(allowed)) => {
            let channels = allowed.len();
            assert_eq!((values.len(), found.len() % channels), (found.len(), 0), "channels");
            let numbers = (0..channels).map(|channel| {
                let of_channel = (channel..found.len()).step_by(channels);
                let squares = of_channel.map(|place| {
                    let error = f64::from(f32::from_bits(found[place])) - values[place];
                    error * error
                });
                (squares.sum::<f64>().sqrt(), 0.0, allowed[channel])
            });
            judge(numbers, &[channels], Unit::ChannelNorm)
        }
    }
}

/// Judges triples of found, expected and allowed.
fn judge(
    numbers: impl Iterator<Item = (f64, f64, f64)>,
    dims: &[usize],
    unit: Unit,
) -> Result<f64, Mismatch> {
    let mut worst: f64 = 0.0;
    let mut first: Option<Mismatch> = None;
    for (place, (found, expected, allowed)) in numbers.enumerate() {
        let error = (found - expected).abs();
        // A comparison that holds is asked for, so that a NaN on either side fails.
        let passes = error <= allowed && expected.is_finite() && allowed.is_finite();
        if passes {
            // An error that flushing to zero explains says nothing of the tolerance.
            if error > LEAST_NORMAL {
                worst = worst.max(error / allowed);
            }
        } else if let Some(mismatch) = &mut first {
            mismatch.count += 1;
        } else {
            let coordinates = coordinates(place, dims);
            let of = dims.iter().product();
            first = Some(Mismatch { coordinates, found, expected, allowed, count: 1, of, unit });
        }
    }
    first.map_or(Ok(worst), Err)
}

/// The coordinates of an element, outermost axis first.
pub(crate) fn coordinates(mut place: usize, dims: &[usize]) -> Vec<usize> {
    let mut coordinates = vec![0; dims.len()];
    for (coordinate, extent) in coordinates.iter_mut().zip(dims).rev() {
        *coordinate = place % extent;
        place /= extent;
    }
    coordinates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(found: &[u32], expected: &Expected) -> String {
        compare(found, expected, &Shape::new(&[1, 3])).unwrap_err().to_string()
    }

    #[test]
    fn a_mismatch_in_words() {
        let found = [1.0f32, -16.0, f32::NAN].map(f32::to_bits);
        let each = |allowed| Expected::Reals(vec![1.0, -23.0, 1e-5], Allowed::Each(allowed));
        let said = first(&found, &each(vec![0.0; 3]));
        assert_eq!(said, "at [0, 1] found -16, expected -23 exactly; 2 of 3 elements are wrong");
        let said = first(&found, &each(vec![0.5, 10.0, 1e-9]));
        let nan = "at [0, 2] found NaN, expected 1.00000000e-5 ± 1.0e-9; 1 of 3 elements are wrong";
        assert_eq!(said, nan);
        let said = first(&[7, 8, 9], &Expected::Words(vec![7, 8, 10]));
        assert!(said.starts_with("at [0, 2] found 0x00000009, expected 0x0000000a;"), "{said}");
        let norms = Expected::Reals(vec![1.0; 3], Allowed::ChannelNorm(vec![1.0, 1.0, f64::NAN]));
        assert!(first(&found, &norms).starts_with("channel 1 has errors of norm 1.700e1, 1.0e0"));
    }
}
