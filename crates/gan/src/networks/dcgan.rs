//! DCGANs of any size, after Radford et al. 2015.
//!
//! Every layer of the discriminator halves the image with a 4x4 kernel of stride two, until 4 to 7
//! rows and columns are left, which the last layer's kernel covers. An axis that is there before the
//! other waits, at 3 taps and stride one. The generator is its mirror image. Channels double from
//! layer to layer inwards, up to eight times the base width. At 64x64 these are the networks of the
//! paper and of PyTorch's example.

use super::{
    Initialisation, LATENT_SIZE, Layer, NetworkError, Networks, Preset, SampleShape,
    presets::{BATCH_NORM, pair},
};
use graph::{Padding, Window};

/// The multiple of which a DCGAN's height and width are.
pub const SIZE_STEP: usize = 4;
/// The least height or width of a DCGAN's images.
pub const SIZE_AT_LEAST: usize = 16;
/// The greatest height or width of a DCGAN's images.
pub const SIZE_AT_MOST: usize = 256;
/// The greatest base width of a DCGAN.
pub const WIDTH_AT_MOST: usize = 256;

/// What a DCGAN is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dcgan {
    /// The images' height and width.
    pub size: [usize; 2],
    /// The images' channels: 1, 3 or 4.
    pub channels: usize,
    /// The channels of the layers next to the image.
    pub width: usize,
}

impl Dcgan {
    /// The two networks.
    ///
    /// # Errors
    /// [`NetworkError::Size`], [`NetworkError::Channels`] or [`NetworkError::Width`] for what is
    /// out of range.
    pub fn networks(&self) -> Result<Networks, NetworkError> {
        self.check()?;
        let Self { size, channels, width } = *self;
        let stages = stages(size, width);
        let kernel = stages.last().map_or(size, |stage| stage.small);
        let outer = Window { kernel, stride: [1; 2], padding: Padding::default() };
        let innermost = stages.last().map_or(width, |stage| stage.width);
        let up = |outputs, window, output_padding| Layer::ConvTranspose2d {
            outputs,
            window,
            output_padding,
            bias: false,
        };
        let down = |outputs, window| Layer::Conv2d { outputs, window, bias: false };
        let leaky = || Layer::LeakyRelu { slope: 0.2 };

        let mut generator = vec![up(innermost, outer, [0; 2])];
        let mut discriminator = Vec::new();
        for (inwards, stage) in stages.iter().enumerate() {
            discriminator.push(down(stage.width, stage.window));
            discriminator.extend((inwards > 0).then_some(BATCH_NORM));
            discriminator.push(leaky());
        }
        discriminator.extend([down(1, outer), Layer::Flatten]);
        for (inwards, stage) in stages.iter().enumerate().rev() {
            let outputs = inwards.checked_sub(1).map_or(channels, |before| stages[before].width);
            generator.extend([BATCH_NORM, Layer::Relu]);
            generator.push(up(outputs, stage.window, stage.window.output_padding(stage.large)));
        }
        generator.push(Layer::Tanh);

        let [height, image_width] = size;
        let latent = SampleShape::image(LATENT_SIZE, 1, 1);
        let image = SampleShape::image(channels, height, image_width);
        let initialisation = Initialisation::Normal { deviation: 0.02 };
        pair(initialisation, (latent, generator), (image, discriminator))
    }

    fn check(&self) -> Result<(), NetworkError> {
        check_size(self.size)?;
        let (preset, channels, width) = (Preset::Dcgan, self.channels, self.width);
        if !preset.takes_channels(channels) {
            let accepted = preset.channels_accepted();
            return Err(NetworkError::Channels { preset, channels, accepted });
        }
        match width {
            1..=WIDTH_AT_MOST => Ok(()),
            _ => Err(NetworkError::Width { width }),
        }
    }
}

/// Whether there is a DCGAN for images of this height and width.
///
/// # Errors
/// [`NetworkError::Size`], with the nearest sizes that there is one for.
pub fn check_size(size: [usize; 2]) -> Result<(), NetworkError> {
    let fits = |extent: usize| {
        (SIZE_AT_LEAST..=SIZE_AT_MOST).contains(&extent) && extent.is_multiple_of(SIZE_STEP)
    };
    if size.into_iter().all(fits) { Ok(()) } else { Err(NetworkError::Size { size }) }
}

/// The sizes nearest to one that has no DCGAN, one or two: what is no multiple rounded down, then
/// up.
pub(super) fn nearest_sizes(size: [usize; 2]) -> Vec<[usize; 2]> {
    let within = |extent: usize| extent.clamp(SIZE_AT_LEAST, SIZE_AT_MOST);
    let below = size.map(|extent| within(extent / SIZE_STEP * SIZE_STEP));
    let above = size.map(|extent| within(extent).next_multiple_of(SIZE_STEP));
    let mut sizes = vec![below, above];
    sizes.dedup();
    sizes
}

/// One layer of the discriminator that makes an image smaller, and of the generator that makes it
/// larger.
struct Stage {
    large: [usize; 2],
    small: [usize; 2],
    /// Channels on the small side.
    width: usize,
    window: Window,
}

/// From the image inwards.
fn stages(size: [usize; 2], width: usize) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut large = size;
    while large.into_iter().any(|extent| extent >= 8) {
        let halves = large.map(|extent| extent >= 8);
        let window = Window {
            kernel: halves.map(|halves| if halves { 4 } else { 3 }),
            stride: halves.map(|halves| if halves { 2 } else { 1 }),
            padding: Padding::uniform(1),
        };
        let small = large.map(|extent| if extent >= 8 { extent / 2 } else { extent });
        let width = width << stages.len().min(3);
        stages.push(Stage { large, small, width, window });
        large = small;
    }
    stages
}

#[cfg(test)]
mod tests;
