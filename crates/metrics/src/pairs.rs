//! Scores that take every pair of images: how alike they are under a kernel, and who lies in whose
//! neighbourhood.

use crate::{Features, MetricsError, Products};

/// The neighbour that a neighbourhood reaches to, as Naeem et al. 2020 recommend.
const NEAREST: usize = 5;

/// What the pairs of one set of images say.
#[derive(Clone, Debug, PartialEq)]
pub struct Within {
    images: usize,
    /// Σ k(x, y) over all x and y but x with itself.
    kernel_sum: f64,
    /// The squared distance from each image to its fifth nearest other.
    radii: Vec<f64>,
}

/// What the pairs of an image of one set and one of another say.
#[derive(Clone, Debug, PartialEq)]
pub struct Across {
    /// Σ k(x, y) over all pairs.
    kernel_sum: f64,
    /// Who lies where.
    pub neighbourhoods: Neighbourhoods,
}

/// How two sets of images lie in one another's neighbourhoods, the balls around each image that
/// reach to the fifth nearest of its own set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbourhoods {
    /// The share of generated images in the neighbourhood of any real one.
    pub precision: f64,
    /// The share of real images in the neighbourhood of any generated one.
    pub recall: f64,
    /// How many real neighbourhoods a generated image is in, as a share of five.
    pub density: f64,
    /// The share of real images in whose neighbourhood there is a generated one.
    pub coverage: f64,
}

/// (x·y / d + 1)³ for d features (Bińkowski et al. 2018).
fn kernel(product: f64, dimensions: f64) -> f64 {
    (product / dimensions + 1.0).powi(3)
}

/// The unbiased estimate of the squared maximum mean discrepancy, over all pairs rather than over
/// drawn subsets: of equal distributions its mean is 0, and it can be below.
pub fn kernel_distance(a: &Within, b: &Within, across: &Across) -> f64 {
    let mean = |within: &Within| {
        let images = within.images as f64;
        within.kernel_sum / (images * (images - 1.0))
    };
    mean(a) + mean(b) - 2.0 * across.kernel_sum / (a.images as f64 * b.images as f64)
}

/// Looks at all pairs of one set of more than five images.
///
/// # Errors
/// [`MetricsError::TooFew`] of fewer; or if the device fails.
pub async fn within(products: &mut Products, features: &Features) -> Result<Within, MetricsError> {
    let (images, needed) = (features.count(), NEAREST + 1);
    if images < needed {
        return Err(MetricsError::TooFew { found: images, needed });
    }
    let norms = features.squared_norms();
    let dimensions = features.dimensions() as f64;
    let mut nearest = vec![Nearest::default(); images];
    let mut kernel_sum = 0.0;
    let rows = products.rows();
    for (i, first) in features.blocks(rows).enumerate() {
        for (j, second) in features.blocks(rows).enumerate().skip(i) {
            let block = products.block(first, second).await?;
            for (row, products) in (i * rows..images).zip(block.chunks_exact(rows)) {
                let pairs = (j * rows..images).zip(products).filter(|&(column, _)| column > row);
                for (column, &product) in pairs {
                    let product = f64::from(product);
                    kernel_sum += 2.0 * kernel(product, dimensions);
                    let distance = (norms[row] + norms[column] - 2.0 * product).max(0.0);
                    nearest[row].add(distance);
                    nearest[column].add(distance);
                }
            }
        }
    }
    let radii = nearest.iter().map(Nearest::furthest).collect();
    Ok(Within { images, kernel_sum, radii })
}

/// Looks at all pairs of a real and a generated image.
///
/// # Errors
/// If the device fails.
pub async fn across(
    products: &mut Products,
    (reals, of_reals): (&Features, &Within),
    (fakes, of_fakes): (&Features, &Within),
) -> Result<Across, MetricsError> {
    let (real_norms, fake_norms) = (reals.squared_norms(), fakes.squared_norms());
    let dimensions = reals.dimensions() as f64;
    let mut kernel_sum = 0.0;
    let mut within_fakes = vec![false; reals.count()];
    let mut has_fakes = vec![false; reals.count()];
    let mut within_reals = vec![0_usize; fakes.count()];
    let rows = products.rows();
    for (i, first) in reals.blocks(rows).enumerate() {
        for (j, second) in fakes.blocks(rows).enumerate() {
            let block = products.block(first, second).await?;
            for (real, products) in (i * rows..reals.count()).zip(block.chunks_exact(rows)) {
                for (fake, &product) in (j * rows..fakes.count()).zip(products) {
                    let product = f64::from(product);
                    kernel_sum += kernel(product, dimensions);
                    let distance = (real_norms[real] + fake_norms[fake] - 2.0 * product).max(0.0);
                    if distance < of_reals.radii[real] {
                        within_reals[fake] += 1;
                        has_fakes[real] = true;
                    }
                    within_fakes[real] |= distance < of_fakes.radii[fake];
                }
            }
        }
    }
    let share = |count: usize, of: usize| count as f64 / of as f64;
    let true_of = |places: &[bool]| places.iter().filter(|&&is| is).count();
    let in_any = within_reals.iter().filter(|&&count| count > 0).count();
    let neighbourhoods = Neighbourhoods {
        precision: share(in_any, fakes.count()),
        recall: share(true_of(&within_fakes), reals.count()),
        density: share(within_reals.iter().sum(), NEAREST * fakes.count()),
        coverage: share(true_of(&has_fakes), reals.count()),
    };
    Ok(Across { kernel_sum, neighbourhoods })
}

/// The squared distances to the nearest images, in ascending order.
#[derive(Clone, Debug)]
struct Nearest([f64; NEAREST]);

impl Default for Nearest {
    fn default() -> Self {
        Self([f64::INFINITY; NEAREST])
    }
}

impl Nearest {
    fn add(&mut self, distance: f64) {
        if distance < self.furthest() {
            let place = self.0.partition_point(|&nearer| nearer <= distance);
            self.0[place..].rotate_right(1);
            self.0[place] = distance;
        }
    }

    fn furthest(&self) -> f64 {
        self.0[NEAREST - 1]
    }
}
