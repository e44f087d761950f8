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
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { coordinates, found, expected, allowed, count } = self;
        write!(f, "at {coordinates:?}: {found:.8e} where {expected:.8e}")?;
        match allowed {
            0.0 => f.write_str(" exactly is expected")?,
            allowed => write!(f, " ± {allowed:.1e} is expected")?,
        }
        write!(f, "; {count} in all")
    }
}

/// The worst error over what is allowed (0 where all is exact), or the first mismatch. `found` is
/// the tensor's words.
///
/// # Errors
/// The first element that is off by more than is allowed, or is no number.
pub fn compare(found: &[u32], expected: &Expected, shape: &Shape) -> Result<f64, Mismatch> {
    assert_eq!(found.len(), shape.elements(), "elements of {shape}");
    match expected {
        Expected::Words(words) => {
            let pairs = found.iter().zip(words);
            let numbers = pairs.map(|(&found, &word)| (f64::from(found), f64::from(word), 0.0));
            judge(numbers, shape.dims())
        }
        Expected::Reals(values, Allowed::Each(allowed)) => {
            let pairs = found.iter().zip(values).zip(allowed);
            let numbers = pairs.map(|((&found, &value), &allowed)| {
                (f64::from(f32::from_bits(found)), value, allowed)
            });
            judge(numbers, shape.dims())
        }
        Expected::Reals(values, Allowed::ChannelNorm(allowed)) => {
            let channels = allowed.len();
            let numbers = (0..channels).map(|channel| {
                let of_channel = (channel..found.len()).step_by(channels);
                let squares = of_channel.map(|place| {
                    let error = f64::from(f32::from_bits(found[place])) - values[place];
                    error * error
                });
                (squares.sum::<f64>().sqrt(), 0.0, allowed[channel])
            });
            judge(numbers, &[channels])
        }
    }
}

/// Judges triples of found, expected and allowed.
fn judge(numbers: impl Iterator<Item = (f64, f64, f64)>, dims: &[usize]) -> Result<f64, Mismatch> {
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
            first = Some(Mismatch { coordinates, found, expected, allowed, count: 1 });
        }
    }
    first.map_or(Ok(worst), Err)
}

fn coordinates(mut place: usize, dims: &[usize]) -> Vec<usize> {
    let mut coordinates = vec![0; dims.len()];
    for (coordinate, extent) in coordinates.iter_mut().zip(dims).rev() {
        *coordinate = place % extent;
        place /= extent;
    }
    coordinates
}
