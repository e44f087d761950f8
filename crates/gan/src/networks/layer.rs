//! Layers and the shapes between them.

use graph::{Padding, Window};
use std::fmt;

/// One module of a network, as PyTorch's `nn.Sequential` counts them.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// y = x·w + b.
    Dense {
        /// Features that it yields.
        outputs: usize,
        /// Whether b exists.
        bias: bool,
    },
    /// A convolution that slides over its input.
    Conv2d {
        /// Channels that it yields.
        outputs: usize,
        /// Kernel, stride and padding.
        window: Window,
        /// Whether a bias is added to each channel.
        bias: bool,
    },
    /// The adjoint of a convolution, which slides over its output.
    ConvTranspose2d {
        /// Channels that it yields.
        outputs: usize,
        /// Kernel, stride and padding.
        window: Window,
        /// Rows and columns added below and to the right.
        output_padding: [usize; 2],
        /// Whether a bias is added to each channel.
        bias: bool,
    },
    /// Batch normalisation of each channel or feature (Ioffe & Szegedy 2015).
    BatchNorm {
        /// Added to the variance.
        epsilon: f32,
        /// The weight of a batch's statistics in the running ones.
        momentum: f32,
    },
    /// x where x > 0, slope · x elsewhere.
    LeakyRelu {
        /// The slope for negative x.
        slope: f32,
    },
    /// x where x > 0, 0 elsewhere.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// Sets elements to 0 in training, and scales the others to keep the mean.
    Dropout {
        /// The probability of 0.
        rate: f32,
    },
    /// Features to an image.
    Reshape {
        /// The image's height.
        height: usize,
        /// The image's width.
        width: usize,
        /// The image's channels.
        channels: usize,
    },
    /// An image to features.
    Flatten,
}

/// How a sample's elements are spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// C, H, W.
    Image,
    /// A list of features, in PyTorch's order that of the image they were or will be.
    Features,
}

/// The shape of one sample between two layers.
///
/// Memory holds images as `[H, W, C]` where PyTorch holds (C, H, W). Features that come from a
/// flatten or go to a reshape are such images too; all other features are 1x1 images of as many
/// channels, whose order is the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleShape {
    /// Image or features.
    pub form: Form,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels.
    pub channels: usize,
}

impl SampleShape {
    /// An image.
    pub fn image(channels: usize, height: usize, width: usize) -> Self {
        Self { form: Form::Image, height, width, channels }
    }

    /// Features that are no image's.
    pub fn features(count: usize) -> Self {
        Self { form: Form::Features, height: 1, width: 1, channels: count }
    }

    /// Elements of one sample.
    pub fn elements(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// `[H, W, C]`, the order of the elements in memory.
    pub fn memory(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }

    /// A batch's extents in memory: `[N, H, W, C]`, or `[N, features]`.
    pub fn batch(&self, samples: usize) -> graph::Shape {
        match self.form {
            Form::Image => graph::Shape::images(samples, self.channels, self.height, self.width),
            Form::Features => graph::Shape::new(&[samples, self.elements()]),
        }
    }
}

impl fmt::Display for SampleShape {
    /// `CxHxW`, or the number of features.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            Form::Image => write!(f, "{}x{}x{}", self.channels, self.height, self.width),
            Form::Features => write!(f, "{}", self.elements()),
        }
    }
}

impl Layer {
    /// The shape after this layer, given the shape before it and the layers that follow; or what
    /// the layer needs instead.
    pub(super) fn output(
        &self,
        input: SampleShape,
        following: &[Layer],
    ) -> Result<SampleShape, &'static str> {
        let image = || match input.form {
            Form::Image => Ok([input.height, input.width]),
            Form::Features => Err("an image"),
        };
        match *self {
            Self::Dense { outputs, .. } => match input.form {
                Form::Features => Ok(features_before(following, outputs)),
                Form::Image => Err("features, which a flatten makes of an image"),
            },
            Self::Conv2d { outputs, window, .. } => {
                let small = window.small_size(image()?);
                let [height, width] = small.ok_or("an image no smaller than the kernel")?;
                Ok(SampleShape::image(outputs, height, width))
            }
            Self::ConvTranspose2d { outputs, window, output_padding, .. } => {
                let large = window.large_size(image()?, output_padding);
                let [height, width] = large.ok_or("an image of which padding leaves something")?;
                Ok(SampleShape::image(outputs, height, width))
            }
            Self::Reshape { height, width, channels } => {
                let image = SampleShape::image(channels, height, width);
                let fits = input.form == Form::Features && input.memory() == image.memory();
                if fits { Ok(image) } else { Err("as many features, made by a dense layer") }
            }
            Self::Flatten => {
                image()?;
                Ok(SampleShape { form: Form::Features, ..input })
            }
            Self::BatchNorm { .. }
            | Self::LeakyRelu { .. }
            | Self::Relu
            | Self::Tanh
            | Self::Dropout { .. } => Ok(input),
        }
    }
}

/// The shape of a dense layer's features: that of the image which the next layer that is not
/// element by element makes of them, if it does.
fn features_before(following: &[Layer], count: usize) -> SampleShape {
    for layer in following {
        match *layer {
            Layer::Reshape { height, width, channels } if height * width * channels == count => {
                return SampleShape { form: Form::Features, height, width, channels };
            }
            Layer::BatchNorm { .. }
            | Layer::LeakyRelu { .. }
            | Layer::Relu
            | Layer::Tanh
            | Layer::Dropout { .. } => {}
            _ => break,
        }
    }
    SampleShape::features(count)
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without = |bias: bool| if bias { "" } else { ", no bias" };
        match *self {
            Self::Dense { bias, .. } => write!(f, "dense{}", without(bias)),
            Self::Conv2d { window, bias, .. } => {
                write!(f, "conv2d, {}{}", brief(window), without(bias))
            }
            Self::ConvTranspose2d { window, output_padding: [rows, columns], bias, .. } => {
                write!(f, "conv_transpose2d, {}", brief(window))?;
                if [rows, columns] != [0, 0] {
                    write!(f, ", output padding {}", one_or_all(&[rows, columns]))?;
                }
                f.write_str(without(bias))
            }
            Self::BatchNorm { .. } => f.write_str("batch norm"),
            Self::LeakyRelu { slope } => write!(f, "leaky relu {slope}"),
            Self::Relu => f.write_str("relu"),
            Self::Tanh => f.write_str("tanh"),
            Self::Dropout { rate } => write!(f, "dropout {rate}"),
            Self::Reshape { .. } => f.write_str("reshape"),
            Self::Flatten => f.write_str("flatten"),
        }
    }
}

/// A window in words: what is equal on both axes or on all sides as one number.
fn brief(window: Window) -> String {
    let Window { kernel: [height, width], stride, padding } = window;
    let Padding { top, bottom, left, right } = padding;
    let (stride, padding) = (one_or_all(&stride), one_or_all(&[top, bottom, left, right]));
    format!("kernel {height}x{width}, stride {stride}, padding {padding}")
}

fn one_or_all(sizes: &[usize]) -> String {
    let equal = sizes.iter().all(|size| Some(size) == sizes.first());
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    if equal { sizes.into_iter().take(1).collect() } else { sizes.join(",") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_said_once() {
        let mut window = Window::square(4, 2, 1);
        let layer = Layer::Conv2d { outputs: 8, window, bias: false };
        assert_eq!(layer.to_string(), "conv2d, kernel 4x4, stride 2, padding 1, no bias");
        window.stride = [2, 1];
        window.padding.right = 0;
        let layer =
            Layer::ConvTranspose2d { outputs: 8, window, output_padding: [1, 1], bias: true };
        let words = "kernel 4x4, stride 2,1, padding 1,1,1,0, output padding 1";
        assert_eq!(layer.to_string(), format!("conv_transpose2d, {words}"));
    }
}
