//! Geometries of convolutions for proptest.

use graph::{Padding, Window};
use proptest::prelude::*;
use verification::WindowCase;

/// Any geometry of kernels up to 7, strides up to 3 and paddings up to 2 on each side, for tests
/// over random ones.
pub fn random_geometry() -> impl Strategy<Value = WindowCase> {
    let pair = |range: std::ops::RangeInclusive<usize>| [range.clone(), range];
    let sides = [0..=2usize, 0..=2, 0..=2, 0..=2];
    let geometry = (1..=19usize, pair(1..=9), pair(1..=20), pair(1..=7), pair(1..=3), sides);
    geometry.prop_filter_map(
        "the kernel fits the padded image",
        |(n, large, [i, o], kernel, stride, [top, bottom, left, right])| {
            let window = Window { kernel, stride, padding: Padding { top, bottom, left, right } };
            window.small_size(large)?;
            Some(WindowCase { n, large, i, o, window })
        },
    )
}
