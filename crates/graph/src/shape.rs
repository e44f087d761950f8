//! Static shapes and element types.

use std::fmt;

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DType {
    /// 32-bit floating point; the CPU reference may compute it in f64.
    F32,
    /// 32-bit unsigned integer.
    U32,
    /// 8-bit unsigned integer, four to a 32-bit word on the GPU.
    U8,
}

impl DType {
    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::F32 | Self::U32 => 4,
            Self::U8 => 1,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::U32 => "u32",
            Self::U8 => "u8",
        })
    }
}

/// The extents of a tensor in memory order, the last one contiguous.
///
/// Images are `[N, H, W, C]` (channels last), convolution weights `[kh, kw, C_large, C_small]`
/// (see [`Window`](crate::Window)), dense weights `[inputs, outputs]`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Shape(Vec<usize>);

impl Shape {
    /// A shape with these extents, the last one contiguous in memory.
    pub fn new(dims: &[usize]) -> Self {
        Self(dims.to_vec())
    }

    /// A batch of images, spoken of as N, C, H, W and stored as `[N, H, W, C]`.
    pub fn images(n: usize, c: usize, h: usize, w: usize) -> Self {
        Self(vec![n, h, w, c])
    }

    /// The extents.
    pub fn dims(&self) -> &[usize] {
        &self.0
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The number of elements.
    pub fn elements(&self) -> usize {
        self.0.iter().product()
    }

    /// The last extent: the channels of images, the features of a matrix. 1 for a scalar.
    pub fn channels(&self) -> usize {
        self.0.last().copied().unwrap_or(1)
    }

    /// The elements of one channel: all extents but the last, multiplied.
    pub fn rows(&self) -> usize {
        self.elements() / self.channels()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A tensor's element type and shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TensorType {
    /// The type of the elements.
    pub dtype: DType,
    /// The extents.
    pub shape: Shape,
}

impl TensorType {
    /// An f32 tensor of these extents.
    pub fn f32(dims: &[usize]) -> Self {
        Self { dtype: DType::F32, shape: Shape::new(dims) }
    }

    /// Bytes of all elements.
    pub fn bytes(&self) -> usize {
        self.shape.elements() * self.dtype.size()
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.dtype, self.shape)
    }
}
