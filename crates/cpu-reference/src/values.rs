//! The elements of a tensor.

use crate::Real;
use graph::DType;

/// The elements of a tensor in memory order (see [`graph::Shape`]).
#[derive(Clone, Debug, PartialEq)]
pub enum Values<T> {
    /// [`DType::F32`], computed as `T`.
    Real(Vec<T>),
    /// [`DType::U32`].
    U32(Vec<u32>),
    /// [`DType::U8`].
    U8(Vec<u8>),
}

impl<T: Real> Values<T> {
    /// f32 values as `T`.
    pub fn from_f32(values: &[f32]) -> Self {
        Self::Real(values.iter().map(|&value| T::from_f32(value)).collect())
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        match self {
            Self::Real(_) => DType::F32,
            Self::U32(_) => DType::U32,
            Self::U8(_) => DType::U8,
        }
    }

    /// The number of elements.
    pub fn elements(&self) -> usize {
        match self {
            Self::Real(values) => values.len(),
            Self::U32(values) => values.len(),
            Self::U8(values) => values.len(),
        }
    }

    /// The elements of a [`DType::F32`] tensor.
    ///
    /// # Panics
    /// If it is of another type.
    #[track_caller]
    pub fn real(&self) -> &[T] {
        match self {
            Self::Real(values) => values,
            other => panic!("an f32 tensor is needed here, not {}", other.dtype()),
        }
    }

    /// The elements of a [`DType::U8`] tensor.
    ///
    /// # Panics
    /// If it is of another type.
    #[track_caller]
    pub fn u8(&self) -> &[u8] {
        match self {
            Self::U8(values) => values,
            other => panic!("a u8 tensor is needed here, not {}", other.dtype()),
        }
    }
}
