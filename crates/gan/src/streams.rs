//! Who draws from which Philox stream: no two uses share one, so no two draw the same numbers.
//!
//! A stream is word 3 of the counter; see [`graph::Op::PhiloxBits`] for the others.

/// The latent vectors of training, by step and place in the batch.
pub const TRAINING_LATENTS: u32 = 0;
/// The latent vectors of pictures, by their own seed.
pub const PICTURE_LATENTS: u32 = 1;
/// The order of the images in an epoch.
pub const SHUFFLE: u32 = 2;
/// The generator's first weights; word 2 counts parameters.
pub const GENERATOR_INITIALISATION: u32 = 3;
/// The discriminator's first weights; word 2 counts parameters.
pub const DISCRIMINATOR_INITIALISATION: u32 = 4;
/// Which images stand for the data in a run's picture of reals.
pub const PICTURE_OF_REALS: u32 = 5;
/// A classifier's first weights, and those of networks that stay as they start; word 2 counts
/// parameters.
pub const CLASSIFIER_INITIALISATION: u32 = 6;
/// The order of the images in an epoch of a classifier.
pub const CLASSIFIER_SHUFFLE: u32 = 7;
/// Which images generated ones are measured against.
pub const MEASURED_REALS: u32 = 8;
/// Which of a source's images are measured.
pub const MEASURED_IMAGES: u32 = 9;

const FIRST_DROPOUT: u32 = 0x100;
const LAYERS_AT_MOST: u32 = 0x100;

/// One of the times that a network runs in a training step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// The generator makes fakes.
    Generator,
    /// The discriminator sees reals.
    DiscriminatorReal,
    /// The discriminator sees the fakes, to learn.
    DiscriminatorFake,
    /// The updated discriminator sees the same fakes, for the generator to learn.
    DiscriminatorGenerator,
}

impl Pass {
    /// Every pass, in the order of a step.
    pub const ALL: [Self; 4] = [
        Self::Generator,
        Self::DiscriminatorReal,
        Self::DiscriminatorFake,
        Self::DiscriminatorGenerator,
    ];

    /// Its name in scopes and traces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generator => "g",
            Self::DiscriminatorReal => "d_real",
            Self::DiscriminatorFake => "d_fake",
            Self::DiscriminatorGenerator => "d_gen",
        }
    }

    /// The stream of a layer's dropout, the layer counted from 0.
    pub fn dropout(self, layer: usize) -> u32 {
        FIRST_DROPOUT + self as u32 * LAYERS_AT_MOST + layer as u32 % LAYERS_AT_MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_uses_share_a_stream() {
        let mut streams = vec![
            TRAINING_LATENTS,
            PICTURE_LATENTS,
            SHUFFLE,
            PICTURE_OF_REALS,
            GENERATOR_INITIALISATION,
            DISCRIMINATOR_INITIALISATION,
            CLASSIFIER_INITIALISATION,
            CLASSIFIER_SHUFFLE,
            MEASURED_REALS,
            MEASURED_IMAGES,
        ];
        for pass in Pass::ALL {
            streams.extend((0..20).map(|layer| pass.dropout(layer)));
        }
        let distinct: HashSet<u32> = streams.iter().copied().collect();
        assert_eq!(distinct.len(), streams.len());
    }
}
