//! From facts about each image to one size and number of channels for all.

use super::{Facts, Preparation, placement::Placement};

/// The side of images that stay as they are where all of a source's are 28 x 28 and grey.
pub const SMALL: usize = 28;
/// The side that all other images get unless a size is asked for.
pub const LARGE: usize = 64;

/// What training gets of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The number of images, at least 1.
    pub images: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// 1 (grey), 3 (red, green, blue) or 4 (with transparency, colours multiplied by alpha).
    pub channels: usize,
    /// What is done to the images, in sentences for the user.
    pub notes: Vec<String>,
}

/// Counts images by what has to be done to them.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    preparation: Preparation,
    images: usize,
    small: usize,
    grey: usize,
    alpha: usize,
    /// Where all images are small, and where not.
    changed: [Changed; 2],
}

/// How many images have to be changed to get one size.
#[derive(Clone, Copy, Debug, Default)]
struct Changed {
    cropped: usize,
    padded: usize,
    resized: usize,
}

impl Tally {
    pub(super) fn new(preparation: Preparation) -> Self {
        let changed = [Changed::default(); 2];
        Self { preparation, images: 0, small: 0, grey: 0, alpha: 0, changed }
    }

    pub(super) fn add(&mut self, facts: &Facts) {
        self.images += 1;
        self.small += usize::from(facts.is_small());
        self.grey += usize::from(facts.grey);
        self.alpha += usize::from(facts.alpha);
        for (changed, all_small) in self.changed.iter_mut().zip([true, false]) {
            let size = self.preparation.size_for(all_small);
            let Placement { region, inner } =
                Placement::new(facts.size, size, self.preparation.fit);
            changed.cropped += usize::from([region.height, region.width] != facts.size);
            changed.padded += usize::from([inner.height, inner.width] != size);
            changed.resized +=
                usize::from([region.height, region.width] != [inner.height, inner.width]);
        }
    }

    /// Height, width and channels for all images so far.
    pub(super) fn shape(&self) -> [usize; 3] {
        let [height, width] = self.preparation.size_for(self.all_small());
        [height, width, self.preparation.channels_for(self.all_grey())]
    }

    /// `None` if there are no images.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        let [height, width, channels] = self.shape();
        let Self { images, .. } = *self;
        (images > 0).then(|| Outcome { images, height, width, channels, notes: self.notes() })
    }

    fn all_small(&self) -> bool {
        self.small == self.images
    }

    fn all_grey(&self) -> bool {
        self.grey == self.images
    }

    fn notes(&self) -> Vec<String> {
        let [height, width, channels] = self.shape();
        let [all_small, others] = self.changed;
        let changed = if self.all_small() { all_small } else { others };
        let centre = match height == width {
            true => "cut to the centre square".to_owned(),
            false => format!("cut to the centre, {width}:{height}"),
        };
        let bars = if channels == 4 { "transparent" } else { "white" };
        let only_if = |condition: bool, images: usize| if condition { images } else { 0 };
        let colours = self.images - self.grey;
        let grey_as_colour = match colours {
            0 => "grey, taken as colour",
            _ => "grey among coloured ones, taken as colour",
        };
        [
            (changed.cropped, centre),
            (changed.padded, format!("kept whole, with {bars} bars")),
            (changed.resized, format!("resized to {width}x{height}")),
            (only_if(channels != 4, self.alpha), "laid over white".to_owned()),
            (only_if(channels == 4, self.images - self.alpha), "opaque as a whole".to_owned()),
            (only_if(channels == 1, colours), "turned grey by their luma".to_owned()),
            (only_if(channels == 3, self.grey), grey_as_colour.to_owned()),
        ]
        .into_iter()
        .filter(|&(images, _)| images > 0)
        .map(|(images, change)| match images {
            _ if images == self.images => format!("all images {change}"),
            1 => format!("1 image {change}"),
            _ => format!("{images} images {change}"),
        })
        .collect()
    }
}
