//! Loops over elements and over the channels of rows.

use crate::Real;

/// f of each element.
pub(crate) fn map<T: Real>(x: &[T], f: impl Fn(T) -> T) -> Vec<T> {
    x.iter().map(|&x| f(x)).collect()
}

/// f of each pair of elements.
pub(crate) fn zip<T: Real>(a: &[T], b: &[T], f: impl Fn(T, T) -> T) -> Vec<T> {
    a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect()
}

/// 1 / √(variance + epsilon) of each channel.
pub(crate) fn inverse_deviation<T: Real>(variance: &[T], epsilon: f32) -> Vec<T> {
    map(variance, |variance| (variance + T::from_f32(epsilon)).sqrt().recip())
}
