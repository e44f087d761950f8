//! Whether a candidate computes what the product is, before its time counts.
//!
//! - On small whole numbers, of which every sum is exact in f32 whatever its order, at the product's
//!   own extents: **all** outputs, by Freivalds's check (1977). For vectors r and s of random
//!   numbers, `Σ y[m, c]·r[m]·s[c]` must be the same number when it is computed from the operands,
//!   for which one channel's work is enough ([`Trilinear::projection`]). Computed modulo 2⁶⁴
//!   nothing rounds, so nothing is allowed: what differs anywhere is missed with a probability below
//!   2⁻³⁰. Of more than 127 images as many are taken as leave the same rest in tiles of 64, so that
//!   tiles are cut as they are in training.
//! - On real numbers with as few images as run the same kernel: what is exact above would be so with
//!   less precision, too. Outputs at corners, at edges of tiles and at hashed places must be as near
//!   their f64 sums as [`verification::tolerance`] allows.
//!
//! Results begin as NaN, so what is not written is seen.
//!
//! [`Trilinear::projection`]: crate::trilinear::Trilinear::projection

use crate::{Candidate, Workload, trilinear::whole, workload::Alone};
use graph::{GraphError, PhaseId, Shape};
use tensor_ops::{DeviceError, Gpu, HostClock, Plan, PlanError, PlanOptions, Traits, Variant};
use verification::tolerance::of_products;

/// Tiles of any variant have no more rows.
const MOST_ROWS: usize = 64;
/// Images of the check on real numbers, the fewest first that run the same kernel.
const IMAGES_OF_REALS: [usize; 5] = [3, 9, 17, 33, 65];
/// Outputs looked at beside corners and edges.
const HASHED_PLACES: usize = 64;
/// Extents of tiles.
const TILES: [usize; 5] = [4, 8, 16, 32, 64];

/// A product's checks, ready for any candidate.
pub(crate) struct Check {
    whole: Case,
    rows: Vec<u64>,
    columns: Vec<u64>,
    projection: u64,
    /// Made when a candidate asks for so many images.
    reals: Vec<(Case, Vec<Sample>)>,
}

/// A product on operands.
struct Case {
    workload: Workload,
    alone: Alone,
    operands: [Vec<f32>; 2],
}

/// An output that is looked at.
struct Sample {
    index: usize,
    expected: f64,
    allowed: f64,
}

/// How a candidate differs from the product.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Disagreement {
    /// An output is too far from its f64 sum.
    #[error("at {place:?} it is {found}, not {expected}, of which {allowed:e} may differ")]
    Output {
        /// Where.
        place: Vec<usize>,
        /// What the candidate computed.
        found: f32,
        /// The reference.
        expected: f64,
        /// How far it may be off.
        allowed: f64,
    },
    /// An output of whole operands is not whole, or so large that f32 does not hold it.
    #[error("at {place:?} it is {found}, a sum of whole numbers")]
    NotWhole {
        /// Where.
        place: Vec<usize>,
        /// What the candidate computed.
        found: f32,
    },
    /// A projection of all outputs is another number.
    #[error("a projection of all outputs is {found:#018x}, not {expected:#018x}")]
    Projection {
        /// Of what the candidate computed.
        found: u64,
        /// Of the reference.
        expected: u64,
    },
}

/// A candidate that does not pass.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error(transparent)]
    Disagrees(#[from] Disagreement),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Graph(#[from] GraphError),
}

impl From<DeviceError> for CheckError {
    fn from(error: DeviceError) -> Self {
        Self::Plan(error.into())
    }
}

/// A candidate that passed, with what it takes to run the product again.
pub(crate) struct Passed {
    pub(crate) plan: Plan,
    pub(crate) phase: PhaseId,
    /// Its run in the check, in seconds.
    pub(crate) first: f64,
}

impl Check {
    pub(crate) fn new(workload: &Workload) -> Result<Self, GraphError> {
        let images = workload.images();
        let images = if images < 2 * MOST_ROWS { images } else { MOST_ROWS + images % MOST_ROWS };
        let fewer = workload.of_images(images);
        let terms = fewer.form().most_terms().max(1);
        // f32 holds every whole number up to 2^24.
        let largest = ((1 << 24) as f64 / terms as f64).sqrt().floor().clamp(1.0, 3.0) as u64;
        let value = |hash: u64| (hash % (2 * largest + 1)) as f32 - largest as f32;
        let whole = Case::new(fewer, &value)?;
        let result = whole.workload.result();
        let rows: Vec<u64> = (0..result.rows() as u64).map(|row| hash(row, 3)).collect();
        let columns: Vec<u64> = (0..result.channels() as u64).map(|c| hash(c, 4)).collect();
        let [a, b] = &whole.operands;
        let projection = whole.workload.form().projection(a, b, &rows, &columns);
        Ok(Self { whole, rows, columns, projection, reals: Vec::new() })
    }

    /// Runs a candidate on both. Its time on whole numbers is that of its first run if they are as
    /// many images as the product has, else it runs once more.
    pub(crate) async fn run(
        &mut self,
        gpu: &Gpu,
        workload: &Workload,
        candidate: &Candidate,
        clock: &HostClock,
    ) -> Result<Passed, CheckError> {
        let (case, samples) = self.reals_for(workload, candidate.variant, gpu.traits())?;
        let mut plan = case.compile(gpu, candidate).await?;
        plan.time_kernel(case.alone.phase, 0, 1, clock).await?;
        check_samples(case, samples, &plan.read(case.alone.result).await?)?;

        let case = &self.whole;
        let mut plan = case.compile(gpu, candidate).await?;
        let phase = case.alone.phase;
        let first = plan.time_kernel(phase, 0, 1, clock).await?.seconds;
        self.check_whole(&plan.read(case.alone.result).await?)?;
        if case.workload.images() == workload.images() {
            return Ok(Passed { plan, phase, first });
        }
        // More of the same numbers, as nobody looks at the result.
        let [a, b] = workload.operands().each_ref().map(Shape::elements);
        let operands = [(&case.operands[0], a), (&case.operands[1], b)]
            .map(|(values, length)| values.iter().copied().cycle().take(length).collect());
        let case = Case { workload: workload.clone(), alone: workload.alone()?, operands };
        let mut plan = case.compile(gpu, candidate).await?;
        let first = plan.time_kernel(case.alone.phase, 0, 1, clock).await?.seconds;
        Ok(Passed { plan, phase: case.alone.phase, first })
    }

    fn check_whole(&self, found: &[f32]) -> Result<(), Disagreement> {
        let result = self.whole.workload.result();
        let mut sum = 0u64;
        for (row, (of_row, &r)) in
            found.chunks_exact(self.columns.len()).zip(&self.rows).enumerate()
        {
            for (column, (&found, &s)) in of_row.iter().zip(&self.columns).enumerate() {
                // A NaN is no whole number either.
                if found.fract() != 0.0 || found.abs() > (1 << 24) as f32 {
                    let place = coordinates(result, row * self.columns.len() + column);
                    return Err(Disagreement::NotWhole { place, found });
                }
                sum = sum.wrapping_add(whole(found).wrapping_mul(r.wrapping_mul(s)));
            }
        }
        match sum == self.projection {
            true => Ok(()),
            false => Err(Disagreement::Projection { found: sum, expected: self.projection }),
        }
    }

    /// Real operands of the fewest images on which a variant is the same kernel as on all.
    fn reals_for(
        &mut self,
        workload: &Workload,
        variant: Variant,
        traits: Traits,
    ) -> Result<&(Case, Vec<Sample>), GraphError> {
        let kernel = workload.shaders(variant, traits)?;
        let mut fewest = workload.images();
        for images in IMAGES_OF_REALS.into_iter().filter(|&images| images < workload.images()) {
            if workload.of_images(images).shaders(variant, traits)?.first() == kernel.first() {
                fewest = images;
                break;
            }
        }
        let made = self.reals.iter().position(|(case, _)| case.workload.images() == fewest);
        let place = match made {
            Some(place) => place,
            None => {
                self.reals.push(reals(workload.of_images(fewest))?);
                self.reals.len() - 1
            }
        };
        Ok(&self.reals[place])
    }
}

/// A product on real numbers from -1 to 1, and what some of its outputs must be.
fn reals(workload: Workload) -> Result<(Case, Vec<Sample>), GraphError> {
    let case = Case::new(workload, &|hash| (hash >> 40) as f32 / (1 << 23) as f32 - 1.0)?;
    let [a, b] = &case.operands;
    let sample = |index| {
        let output = case.workload.form().output(index, a, b);
        let allowed = of_products(output.terms, output.magnitude);
        Sample { index, expected: output.value, allowed }
    };
    let samples = places(case.workload.result()).into_iter().map(sample).collect();
    Ok((case, samples))
}

fn check_samples(case: &Case, samples: &[Sample], found: &[f32]) -> Result<(), Disagreement> {
    for &Sample { index, expected, allowed } in samples {
        let found = found.get(index).copied().unwrap_or(f32::NAN);
        let near = (f64::from(found) - expected).abs() <= allowed;
        if !near {
            let place = coordinates(case.workload.result(), index);
            return Err(Disagreement::Output { place, found, expected, allowed });
        }
    }
    Ok(())
}

impl Case {
    fn new(workload: Workload, value: &dyn Fn(u64) -> f32) -> Result<Self, GraphError> {
        let fill = |operand: usize| -> Vec<f32> {
            let elements = workload.operands()[operand].elements() as u64;
            (0..elements).map(|place| value(hash(place, operand as u64 + 1))).collect()
        };
        let (operands, alone) = ([fill(0), fill(1)], workload.alone()?);
        Ok(Self { workload, alone, operands })
    }

    /// The plan of a candidate, ready to run.
    async fn compile(&self, gpu: &Gpu, candidate: &Candidate) -> Result<Plan, PlanError> {
        let traits = Some(gpu.traits().with_variant(candidate.variant));
        let options = PlanOptions { traits, fault: candidate.fault, ..PlanOptions::default() };
        let plan = Plan::compile_with(gpu, &self.alone.graph, options).await?;
        for (&tensor, values) in self.alone.operands.iter().zip(&self.operands) {
            plan.write_input(tensor, bytemuck::cast_slice(values));
        }
        plan.poison(self.alone.result);
        plan.poison_scratch();
        Ok(plan)
    }
}

/// Indices at the corners of a tensor, at the edges of tiles on each axis, and at hashed places.
fn places(shape: &Shape) -> Vec<usize> {
    let dims = shape.dims();
    let index = |of_axis: &dyn Fn(usize) -> usize| {
        dims.iter()
            .enumerate()
            .fold(0, |index, (axis, &extent)| index * extent + of_axis(axis).min(extent - 1))
    };
    let mut places: Vec<usize> = (0..1usize << dims.len())
        .map(|corner| index(&|axis| if corner >> axis & 1 == 1 { usize::MAX } else { 0 }))
        .collect();
    for edge_of in 0..dims.len() {
        for edge in TILES.into_iter().flat_map(|tile| [tile - 1, tile]) {
            let elsewhere = |axis: usize| hash((edge * 8 + axis) as u64, 5) as usize % dims[axis];
            places.push(index(&|axis| if axis == edge_of { edge } else { elsewhere(axis) }));
        }
    }
    let elements = shape.elements() as u64;
    places.extend((0..HASHED_PLACES as u64).map(|place| (hash(place, 6) % elements) as usize));
    places.sort_unstable();
    places.dedup();
    places
}

fn coordinates(shape: &Shape, mut index: usize) -> Vec<usize> {
    let mut coordinates: Vec<usize> = shape
        .dims()
        .iter()
        .rev()
        .map(|&extent| {
            let coordinate = index % extent;
            index /= extent;
            coordinate
        })
        .collect();
    coordinates.reverse();
    coordinates
}

/// SplitMix64 (Steele, Lea & Flood 2014) of a place, another for each stream.
fn hash(place: u64, stream: u64) -> u64 {
    let mut z = place.wrapping_add(stream << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
