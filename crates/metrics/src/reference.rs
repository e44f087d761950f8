//! Real images, and how others compare with them.

use crate::{
    Across, Extractor, FeatureNetwork, Features, LabelHistogram, MetricKind, MetricsError, Moments,
    Products, Report, Score, Scores, Within, across, frechet_distance, kernel_distance, within,
};
use gan::{
    data::{Dataset, Permutation},
    executor::Device,
    streams,
};

/// What is measured, and of how many images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The metrics, in any order.
    pub kinds: Vec<MetricKind>,
    /// The most images of each kind.
    pub images: usize,
}

impl Selection {
    /// The number of images that is usual for sets of a few ten thousand.
    pub const IMAGES: usize = 10_000;
    /// The least that any image is measured with: the floor takes halves of twelve.
    pub const LEAST: usize = 12;

    fn has(&self, kind: MetricKind) -> bool {
        self.kinds.contains(&kind)
    }
}

/// Images that are in memory at a time.
const AT_A_TIME: usize = 500;

/// What others are compared with.
pub struct Reference {
    selection: Selection,
    extractor: Extractor,
    products: Products,
    classes: usize,
    reals: Set,
    floor: Scores,
    floor_images: [usize; 2],
}

/// A set of images, looked at as far as is asked for.
struct Set {
    features: Features,
    moments: Option<Moments>,
    within: Option<Within>,
    histogram: Option<LabelHistogram>,
}

impl Reference {
    /// Looks at images of a data set, chosen by a permutation that is always the same.
    ///
    /// The floor is what is measured on real images that are none of the same: where there are twice
    /// as many as asked for, the next as many; else one half of the images against the other.
    /// `on_progress` hears how many images are done, and of how many.
    ///
    /// # Errors
    /// [`MetricsError::TooFew`] of fewer than twelve images; or if the device fails.
    pub async fn new(
        device: &Device,
        network: &FeatureNetwork,
        data: &Dataset,
        selection: Selection,
        on_progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, MetricsError> {
        let (found, needed) = (data.count.min(selection.images), Selection::LEAST);
        if found < needed {
            return Err(MetricsError::TooFew { found, needed });
        }
        let mut extractor = Extractor::new(device, network).await?;
        let chosen = data.count.min(2 * selection.images);
        let count = u32::try_from(data.count).unwrap_or(u32::MAX);
        let order = Permutation::new(count, 0, 0, streams::MEASURED_REALS);
        let mut features = extractor.none();
        for first in (0..chosen).step_by(AT_A_TIME) {
            let mut pixels = Vec::new();
            for place in first..chosen.min(first + AT_A_TIME) {
                data.append_image(order.at(place as u32) as usize, &mut pixels)?;
            }
            features.append(extractor.features(&pixels).await?);
            on_progress(features.count(), chosen);
        }
        let products = Products::new(device, features.dimensions()).await?;
        let classes = network.classes().len();

        let [reals, others] = features.split_at(selection.images);
        let twice = chosen == 2 * selection.images;
        let [first, second] = match twice {
            true => [reals.clone(), others],
            false => features.split_at(chosen / 2),
        };
        let mut reference = Self {
            selection,
            extractor,
            products,
            classes,
            reals: Set { features: reals, moments: None, within: None, histogram: None },
            floor: Scores::default(),
            floor_images: [first.count(), second.count()],
        };
        // Halves of unlike size would differ by one image, and then the first is the smaller.
        let first = reference.look_at(first).await?;
        let second = reference.look_at(second).await?;
        reference.floor = reference.compare(&first, &second).await?;
        reference.reals = match twice {
            true => first,
            false => {
                let reals = reference.reals.features.clone();
                reference.look_at(reals).await?
            }
        };
        Ok(reference)
    }

    /// Images that are asked for to be measured.
    pub fn images(&self) -> usize {
        self.selection.images
    }

    /// What the features of images are made by, a part of the images at a time.
    pub fn extractor(&mut self) -> &mut Extractor {
        &mut self.extractor
    }

    /// Compares images with the real ones, by the features that [`Reference::extractor`] made of
    /// them.
    ///
    /// # Errors
    /// [`MetricsError::TooFew`] of fewer than six; or if the device fails.
    pub async fn measure(&mut self, features: Features) -> Result<Report, MetricsError> {
        let fakes = self.look_at(features).await?;
        // Taken out for as long as the products are borrowed.
        let empty = Features::new(Vec::new(), 1);
        let none = Set { features: empty, moments: None, within: None, histogram: None };
        let reals = std::mem::replace(&mut self.reals, none);
        let values = self.compare(&reals, &fakes).await;
        self.reals = reals;
        let scores =
            values?.iter().zip(self.floor.iter()).filter_map(|((name, value), (_, floor))| {
                Some((name, Score { value: value?, floor: floor? }))
            });
        Ok(Report {
            images: fakes.features.count(),
            reals: self.reals.features.count(),
            floor_images: self.floor_images,
            scores: scores.collect(),
            classes: self.classes,
            histogram: fakes.histogram.map(|histogram| histogram.counts().to_vec()),
        })
    }

    async fn look_at(&mut self, features: Features) -> Result<Set, MetricsError> {
        let has = |kind| self.selection.has(kind);
        let moments = has(MetricKind::Frechet).then(|| Moments::of(&features)).transpose()?;
        let histogram = (has(MetricKind::Modes) && self.classes > 0)
            .then(|| LabelHistogram::of(features.labels(), self.classes));
        let within = match self.selection.kinds.iter().any(|kind| kind.takes_pairs()) {
            true => Some(within(&mut self.products, &features).await?),
            false => None,
        };
        Ok(Set { features, moments, within, histogram })
    }

    async fn compare(&mut self, reals: &Set, others: &Set) -> Result<Scores, MetricsError> {
        let mut scores = Scores::default();
        if let (Some(a), Some(b)) = (&reals.moments, &others.moments) {
            scores.fd = Some(frechet_distance(a, b));
        }
        if let (Some(a), Some(b)) = (&reals.within, &others.within) {
            let pairs = (&reals.features, a);
            let found: Across = across(&mut self.products, pairs, (&others.features, b)).await?;
            if self.selection.has(MetricKind::Kernel) {
                scores.kid = Some(kernel_distance(a, b, &found));
            }
            if self.selection.has(MetricKind::Neighbourhoods) {
                scores.precision = Some(found.neighbourhoods.precision);
                scores.recall = Some(found.neighbourhoods.recall);
                scores.density = Some(found.neighbourhoods.density);
                scores.coverage = Some(found.neighbourhoods.coverage);
            }
        }
        if let (Some(a), Some(b)) = (&reals.histogram, &others.histogram) {
            scores.modes = Some(b.modes() as f64);
            scores.label_kl = Some(b.divergence_from(a));
        }
        Ok(scores)
    }
}
