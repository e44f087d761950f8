//! Which part of an image goes where.

use super::Fit;

/// A part of an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Rectangle {
    /// In the centre of an image of this height and width.
    fn centred(height: usize, width: usize, within: [usize; 2]) -> Self {
        Self { left: (within[1] - width) / 2, top: (within[0] - height) / 2, width, height }
    }
}

/// What is kept of an image, and where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    /// The part of the image that is kept.
    pub(super) region: Rectangle,
    /// The part of the result that it fills.
    pub(super) inner: Rectangle,
}

impl Placement {
    /// For an image of height and width `from`, to be made `to`; every extent at least 1.
    pub(super) fn new(from: [usize; 2], to: [usize; 2], fit: Fit) -> Self {
        let whole = |of: [usize; 2]| Rectangle::centred(of[0], of[1], of);
        match fit {
            Fit::Crop => Self { region: largest(to, from), inner: whole(to) },
            Fit::Pad => Self { region: whole(from), inner: largest(from, to) },
        }
    }
}

/// The largest rectangle of the aspect of `shape` that fits into `within`, in its centre.
fn largest(shape: [usize; 2], within: [usize; 2]) -> Rectangle {
    let ([height, width], [most_height, most_width]) = (shape, within);
    let share = |whole: usize, of: usize, by: usize| ((whole * of + by / 2) / by).max(1);
    let (height, width) = if width * most_height <= most_width * height {
        (most_height, share(most_height, width, height).min(most_width))
    } else {
        (share(most_width, height, width).min(most_height), most_width)
    };
    Rectangle::centred(height, width, within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rectangle([left, top, width, height]: [usize; 4]) -> Rectangle {
        Rectangle { left, top, width, height }
    }

    #[test]
    fn the_centre_is_cut_to_the_aspect() {
        for (from, to, region) in [
            ([3, 7], [64, 64], [2, 0, 3, 3]),
            ([7, 3], [64, 64], [0, 2, 3, 3]),
            ([64, 64], [48, 96], [0, 16, 64, 32]),
            ([10, 40], [48, 96], [10, 0, 20, 10]),
            ([48, 96], [48, 96], [0, 0, 96, 48]),
            ([1, 8192], [64, 64], [4095, 0, 1, 1]),
            ([1, 1], [16, 256], [0, 0, 1, 1]),
        ] {
            let placement = Placement::new(from, to, Fit::Crop);
            assert_eq!(placement.region, rectangle(region), "{from:?} to {to:?}");
            assert_eq!(placement.inner, rectangle([0, 0, to[1], to[0]]));
        }
    }

    #[test]
    fn the_whole_is_padded_to_the_aspect() {
        for (from, to, inner) in [
            ([3, 6], [64, 64], [0, 16, 64, 32]),
            ([6, 3], [64, 64], [16, 0, 32, 64]),
            ([64, 64], [48, 96], [24, 0, 48, 48]),
            ([1, 8192], [64, 64], [0, 31, 64, 1]),
            ([20, 20], [64, 64], [0, 0, 64, 64]),
        ] {
            let placement = Placement::new(from, to, Fit::Pad);
            assert_eq!(placement.inner, rectangle(inner), "{from:?} to {to:?}");
            assert_eq!(placement.region, rectangle([0, 0, from[1], from[0]]));
        }
    }
}
