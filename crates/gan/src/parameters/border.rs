//! The way between memory's layouts (channels last) and PyTorch's (channels first).

use crate::networks::{Form, SampleShape};

/// How one parameter's elements are ordered in memory and in PyTorch.
#[derive(Clone, Debug, PartialEq)]
pub struct Border {
    /// Memory's extents, features taken apart into `[H, W, C]`.
    dims: Vec<usize>,
    /// Which of memory's axes each of PyTorch's is.
    axes: Vec<usize>,
    /// PyTorch's extents, features joined again.
    shape: Vec<usize>,
}

impl Border {
    /// One element a feature of `[H, W, C]` in memory, of (C, H, W) in PyTorch.
    pub fn vector(features: [usize; 3]) -> Self {
        Self {
            dims: features.to_vec(),
            axes: vec![2, 0, 1],
            shape: vec![features.iter().product()],
        }
    }

    /// `[inputs, outputs]` in memory, (outputs, inputs) in PyTorch, each of them features of
    /// `[H, W, C]` in memory.
    pub fn dense(inputs: [usize; 3], outputs: [usize; 3]) -> Self {
        Self {
            dims: [inputs, outputs].concat(),
            axes: vec![5, 3, 4, 2, 0, 1],
            shape: vec![outputs.iter().product(), inputs.iter().product()],
        }
    }

    /// `[kh, kw, I, O]` in memory, (O, I, kh, kw) in PyTorch, for conv2d and conv_transpose2d
    /// alike: I are the channels of the larger image.
    pub fn window(dims: [usize; 4]) -> Self {
        let axes = vec![3, 2, 0, 1];
        let shape = axes.iter().map(|&axis| dims[axis]).collect();
        Self { dims: dims.to_vec(), axes, shape }
    }

    /// A batch of images, `[N, H, W, C]` in memory, (N, C, H, W) in PyTorch; or of features, (N,
    /// features) in PyTorch.
    pub fn batch(samples: usize, sample: SampleShape) -> Self {
        let SampleShape { form, height, width, channels } = sample;
        let shape = match form {
            Form::Image => vec![samples, channels, height, width],
            Form::Features => vec![samples, sample.elements()],
        };
        Self { dims: vec![samples, height, width, channels], axes: vec![0, 3, 1, 2], shape }
    }

    /// PyTorch's extents.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Memory's order to PyTorch's.
    ///
    /// # Panics
    /// If there are fewer values than elements.
    pub fn to_pytorch(&self, memory: &[f32]) -> Vec<f32> {
        self.memory_indices().map(|index| memory[index]).collect()
    }

    /// PyTorch's order to memory's.
    ///
    /// # Panics
    /// If there are more values than elements.
    pub fn to_memory(&self, pytorch: &[f32]) -> Vec<f32> {
        let mut memory = vec![0.0; pytorch.len()];
        for (index, &value) in self.memory_indices().zip(pytorch) {
            memory[index] = value;
        }
        memory
    }

    /// The place in memory of each element in PyTorch's order.
    fn memory_indices(&self) -> impl Iterator<Item = usize> {
        let stride = |axis: usize| self.dims[axis + 1..].iter().product::<usize>();
        let places: Vec<(usize, usize)> =
            self.axes.iter().map(|&axis| (self.dims[axis], stride(axis))).collect();
        (0..self.dims.iter().product()).map(move |mut element| {
            let mut index = 0;
            for &(extent, stride) in places.iter().rev() {
                index += element % extent * stride;
                element /= extent;
            }
            index
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(elements: usize) -> Vec<f32> {
        (0..elements).map(|element| element as f32).collect()
    }

    #[test]
    fn orders_by_hand() {
        // Two pixels of three channels: c0 c1 c2 | c0 c1 c2.
        let border = Border::vector([1, 2, 3]);
        assert_eq!(border.to_pytorch(&count(6)), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        let border = Border::dense([1, 1, 2], [1, 1, 3]);
        assert_eq!(border.shape(), [3, 2]);
        assert_eq!(border.to_pytorch(&count(6)), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        let border = Border::window([1, 2, 1, 2]);
        assert_eq!(border.shape(), [2, 1, 1, 2]);
        assert_eq!(border.to_pytorch(&count(4)), [0.0, 2.0, 1.0, 3.0]);
        // Two samples of two rows and two columns of two channels.
        let image = SampleShape::image(2, 2, 2);
        let border = Border::batch(2, image);
        assert_eq!(border.shape(), [2, 2, 2, 2]);
        let expected = [0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15]
            .map(|place: u8| f32::from(place));
        assert_eq!(border.to_pytorch(&count(16)), expected);
        let border = Border::batch(2, SampleShape { form: Form::Features, ..image });
        assert_eq!(border.shape(), [2, 8]);
        assert_eq!(border.to_pytorch(&count(16)), expected);
    }

    #[test]
    fn there_and_back() {
        let borders = [
            Border::vector([2, 3, 5]),
            Border::dense([2, 1, 3], [3, 2, 2]),
            Border::window([3, 2, 5, 4]),
        ];
        for border in borders {
            let memory = count(border.shape().iter().product());
            let pytorch = border.to_pytorch(&memory);
            assert_ne!(pytorch, memory);
            assert_eq!(border.to_memory(&pytorch), memory);
        }
    }
}
