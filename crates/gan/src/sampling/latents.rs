//! Latent vectors: those of seeds, and what lies between them.

use crate::{networks::LATENT_SIZE, parameters::Draw, streams};
use std::array;

/// A generator's input: 100 numbers, standard normal in training.
pub type Latents = [f32; LATENT_SIZE];

/// Below this sine of the angle between two directions, the straight line between them is taken.
const SMALLEST_SINE: f64 = 1e-6;

/// The latent vector of a picture's seed, the same on every device: standard normal draws of
/// Philox with the seed as its key.
pub fn latents(seed: u64) -> Latents {
    let draw = Draw { seed, stream: streams::PICTURE_LATENTS, step: 0 };
    let mut latents = [0.0; LATENT_SIZE];
    for (latent, value) in latents.iter_mut().zip(draw.normal(LATENT_SIZE, 0.0, 1.0)) {
        *latent = value;
    }
    latents
}

/// ψ·z: with ψ from 0 to 1, latent vectors nearer to the centre of those in training. 1 changes
/// nothing, and 0 leaves the one vector at the centre.
///
/// Truncation by scaling, as Karras et al. 2019 do it in their intermediate space. A DCGAN has none,
/// so the normal latents themselves are scaled, whose mean is 0.
pub fn truncate(latents: &Latents, psi: f32) -> Latents {
    latents.map(|value| psi * value)
}

/// Spherical interpolation (Shoemake 1985): the direction moves along the great circle at an even
/// speed, sin((1-t)θ)/sin θ · a + sin(tθ)/sin θ · b for unit vectors a and b at an angle θ, and the
/// length evenly from one to the other. What lies between is as long as latent vectors are, which
/// what lies on the straight line is not.
///
/// `share` is t, from 0 (`from`, bit for bit) to 1 (`to`). Opposite directions have no shortest way
/// between them, and take the straight line, as equal ones do.
pub fn interpolate(from: &Latents, to: &Latents, share: f64) -> Latents {
    let [from_length, to_length] = [length(from), length(to)];
    let dot: f64 = from.iter().zip(to).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    let angle = (dot / (from_length * to_length)).clamp(-1.0, 1.0).acos();
    let sine = angle.sin();
    // A vector of length 0 has no angle, and its sine is NaN.
    if sine.is_nan() || sine < SMALLEST_SINE {
        return weighted(from, 1.0 - share, to, share);
    }
    let along = |share: f64| (share * angle).sin() / sine;
    let length = (1.0 - share) * from_length + share * to_length;
    let (from_weight, to_weight) = (along(1.0 - share), along(share));
    weighted(from, length / from_length * from_weight, to, length / to_length * to_weight)
}

/// A closed way through all corners, in their order and back to the first: so many latent vectors
/// from each corner, itself the first of them, to the next.
pub fn closed_way(corners: &[Latents], frames: usize) -> impl Iterator<Item = Latents> {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).flat_map(move |(from, to)| {
        (0..frames).map(move |frame| interpolate(from, to, frame as f64 / frames as f64))
    })
}

/// The length of a vector: about 10 for 100 standard normal numbers.
fn length(latents: &Latents) -> f64 {
    latents.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt()
}

fn weighted(from: &Latents, from_weight: f64, to: &Latents, to_weight: f64) -> Latents {
    array::from_fn(|place| {
        (from_weight * f64::from(from[place]) + to_weight * f64::from(to[place])) as f32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halfway_between_two_axes_is_their_bisector() {
        let axis =
            |place: usize, length: f32| array::from_fn(|at| if at == place { length } else { 0.0 });
        let [from, to]: [Latents; 2] = [axis(0, 2.0), axis(1, 4.0)];
        let middle = interpolate(&from, &to, 0.5);
        assert!((length(&middle) - 3.0).abs() < 1e-6, "{}", length(&middle));
        assert!((middle[0] - middle[1]).abs() < 1e-6, "{middle:?}");
        // A third of a right angle.
        let third = interpolate(&from, &to, 1.0 / 3.0);
        assert!((f64::from(third[1] / third[0]) - (30.0_f64).to_radians().tan()).abs() < 1e-6);
    }

    #[test]
    fn the_way_keeps_the_length_of_latents_and_has_even_steps() {
        let [from, to] = [latents(3), latents(8)];
        let way: Vec<Latents> =
            (0..=10).map(|at| interpolate(&from, &to, at as f64 / 10.0)).collect();
        assert_eq!((way[0], way[10]), (from, to), "the ends are the seeds' own, bit for bit");
        let (shortest, longest) = (length(&from).min(length(&to)), length(&from).max(length(&to)));
        for latents in &way {
            let length = length(latents);
            assert!((shortest - 1e-5..=longest + 1e-5).contains(&length), "{length}");
        }
        let angle = |a: &Latents, b: &Latents| {
            let dot: f64 = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            (dot / (length(a) * length(b))).acos()
        };
        let first = angle(&way[0], &way[1]);
        for pair in way.windows(2) {
            assert!((angle(&pair[0], &pair[1]) - first).abs() < 1e-5);
        }
    }

    #[test]
    fn directions_without_a_great_circle_take_the_straight_line() {
        let one = latents(1);
        assert_eq!(interpolate(&one, &one, 0.25), one);
        let opposite = one.map(|value| -value);
        let quarter = interpolate(&one, &opposite, 0.25);
        assert!(quarter.iter().zip(&one).all(|(a, b)| (a - 0.5 * b).abs() < 1e-6), "{quarter:?}");
        let zero = [0.0; LATENT_SIZE];
        assert_eq!(interpolate(&zero, &one, 0.0), zero);
        assert_eq!(interpolate(&zero, &one, 1.0), one);
    }

    #[test]
    fn a_closed_way_comes_back() {
        let corners = [1, 2, 3].map(latents);
        let way: Vec<Latents> = closed_way(&corners, 4).collect();
        assert_eq!(way.len(), 12);
        for (corner, latents) in corners.iter().enumerate() {
            assert_eq!(&way[4 * corner], latents);
        }
        assert_eq!(way[11], interpolate(&corners[2], &corners[0], 0.75));
        assert_eq!(closed_way(&corners, 1).collect::<Vec<_>>(), corners);
    }

    #[test]
    fn truncation_scales() {
        let seed = latents(5);
        assert_eq!(truncate(&seed, 1.0), seed);
        assert_eq!(truncate(&seed, 0.0), [0.0; LATENT_SIZE]);
        assert!((length(&truncate(&seed, 0.5)) - 0.5 * length(&seed)).abs() < 1e-5);
    }
}
