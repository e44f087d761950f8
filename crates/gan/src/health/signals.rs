//! What is measured of a step to judge training by.

use crate::{
    options::AdamScalars,
    step::{Signal, Watch},
};
use serde::{Deserialize, Serialize};

/// What was seen of one step, and of the batch that it made and the one that it learnt from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signals {
    /// The L2 norm of the discriminator's gradients.
    pub grad_norm_d: f64,
    /// The L2 norm of the generator's gradients.
    pub grad_norm_g: f64,
    /// What the verdict rests on.
    pub evidence: Evidence,
}

/// What a verdict rests on, kept in each line of a run's log so that a run that goes on judges as
/// one that was never stopped.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// ‖step‖ / ‖weights‖ of the discriminator: the share of itself by which Adam moves it.
    pub update_d: f64,
    /// The same of the generator.
    pub update_g: f64,
    /// On which share of a batch the discriminator is right.
    pub accuracy: OfBoth,
    /// The mean distance of an image from the nearest other one of its batch.
    pub nearest: OfBoth,
    /// The mean distance of two images of a batch.
    pub apart: OfBoth,
}

/// A number of each batch. Distances are root mean squares over an image's values, which go from -1
/// to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfBoth {
    /// Of the reals.
    pub reals: f64,
    /// Of the fakes.
    pub fakes: f64,
}

impl Signals {
    /// From the elements of [`Watch::storage`], after a step with these numbers.
    pub(crate) fn new(watch: &Watch, elements: &[f32], adam: AdamScalars) -> Self {
        let at = |place: usize| f64::from(elements.get(place).copied().unwrap_or(f32::NAN));
        let of = |signal: Signal| at(signal.offset());
        let images = watch.batch as f64;
        // The correction is of √v, beside which ε is nothing.
        let update = |step_size: f32, step: f64, weights: f64| {
            f64::from(step_size / adam.correction) * (step / weights.max(f64::MIN_POSITIVE)).sqrt()
        };
        let [fakes, reals] = [watch.fakes(), watch.reals()].map(|range| {
            Distances::new(elements.get(range).unwrap_or_default(), watch.compared, watch.values)
        });
        Self {
            grad_norm_d: of(Signal::GradientD).sqrt(),
            grad_norm_g: of(Signal::GradientG).sqrt(),
            evidence: Evidence {
                update_d: update(adam.step_size_d, of(Signal::UpdateD), of(Signal::WeightsD)),
                update_g: update(adam.step_size_g, of(Signal::UpdateG), of(Signal::WeightsG)),
                accuracy: OfBoth {
                    reals: of(Signal::RealsTaken) / images,
                    fakes: 1.0 - of(Signal::FakesTaken) / images,
                },
                nearest: OfBoth { reals: reals.nearest, fakes: fakes.nearest },
                apart: OfBoth { reals: reals.apart, fakes: fakes.apart },
            },
        }
    }
}

/// Distances within a batch.
struct Distances {
    /// From each image to the nearest other one, on average.
    nearest: f64,
    /// Of any two, on average.
    apart: f64,
}

impl Distances {
    /// From the products of every two rows, by |a - b|² = a·a + b·b - 2 a·b.
    fn new(products: &[f32], images: usize, values: f64) -> Self {
        let rows: Vec<&[f32]> = products.chunks_exact(images.max(1)).collect();
        let (mut nearest, mut apart) = (0.0, 0.0);
        for (a, row) in rows.iter().enumerate() {
            let mut least = f64::INFINITY;
            for (b, other) in rows.iter().enumerate().filter(|&(b, _)| b != a) {
                let squared = f64::from(row[a]) + f64::from(other[b]) - 2.0 * f64::from(row[b]);
                // Rounding can leave less than nothing between two images that are the same.
                let distance = (squared.max(0.0) / values).sqrt();
                least = least.min(distance);
                apart += distance;
            }
            nearest += least;
        }
        let images = rows.len() as f64;
        Self { nearest: nearest / images, apart: apart / (images * (images - 1.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distances(rows: &[[f32; 2]]) -> Distances {
        let product = |a: &[f32; 2], b: &[f32; 2]| a[0] * b[0] + a[1] * b[1];
        let products: Vec<f32> =
            rows.iter().flat_map(|a| rows.iter().map(move |b| product(a, b))).collect();
        Distances::new(&products, rows.len(), 2.0)
    }

    #[test]
    fn distances_by_hand() {
        let corners = distances(&[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]);
        let (side, diagonal) = (0.5f64.sqrt(), 1.0);
        assert!((corners.nearest - side).abs() < 1e-12, "{}", corners.nearest);
        assert!((corners.apart - (2.0 * side + diagonal) / 3.0).abs() < 1e-12, "{}", corners.apart);
    }

    /// Signals in f32 as the phase leaves them, of two images of one block of four values.
    #[test]
    fn signals_by_hand() {
        let mut graph = graph::Graph::new("watch");
        let (phase, storage) = (graph.current_phase(), graph.storage("watch", 0));
        let watch = Watch { phase, storage, batch: 8, compared: 2, values: 16.0 };
        let mut elements = vec![0.0; watch.reals().end];
        for (signal, value) in [
            (Signal::GradientD, 9.0),
            (Signal::GradientG, 16.0),
            (Signal::UpdateD, 100.0),
            (Signal::UpdateG, 4.0),
            (Signal::WeightsD, 25.0),
            (Signal::WeightsG, 64.0),
            (Signal::RealsTaken, 6.0),
            (Signal::FakesTaken, 2.0),
        ] {
            elements[signal.offset()] = value;
        }
        // Rows 4 and 0 of the fakes, 4 and -4 of the reals.
        elements[watch.fakes()].copy_from_slice(&[16.0, 0.0, 0.0, 0.0]);
        elements[watch.reals()].copy_from_slice(&[16.0, -16.0, -16.0, 16.0]);
        let adam = AdamScalars { step_size_g: 0.5, step_size_d: 0.25, correction: 2.0 };
        let evidence = Evidence {
            update_d: 0.25 / 2.0 * 10.0 / 5.0,
            update_g: 0.5 / 2.0 * 2.0 / 8.0,
            accuracy: OfBoth { reals: 0.75, fakes: 0.75 },
            nearest: OfBoth { reals: 2.0, fakes: 1.0 },
            apart: OfBoth { reals: 2.0, fakes: 1.0 },
        };
        let expected = Signals { grad_norm_d: 3.0, grad_norm_g: 4.0, evidence };
        assert_eq!(Signals::new(&watch, &elements, adam), expected);
    }

    #[test]
    fn a_few_images_repeated_are_found_by_the_nearest() {
        let few = distances(&[[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]);
        assert_eq!(few.nearest, 0.0);
        assert!(few.apart > 0.6);
    }
}
