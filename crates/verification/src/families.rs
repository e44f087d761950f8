//! What operands are filled with.

use graph::Shape;
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// A family of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Family {
    /// -3 to 3, hashed from the coordinates with another prime for each axis: no two pixels,
    /// channels or samples are alike for long, and sums of products are exact in f32.
    Integers,
    /// Standard normal.
    Normal,
    /// Uniform on [0, 1).
    Uniform,
    /// ±2^U(-12, 12).
    Wide,
    /// Mean 1000, deviation 1.
    Shifted,
    /// A single 1 in the first operand, integers in the others.
    Impulse(Place),
    /// Pixels in [-1, 1] in the first operand, N(0, 0.02) in the others.
    TrainingLike,
    /// Evenly spaced from -120 to 120, then the powers of two below 2⁷ with both signs: for
    /// functions of one number. It is none of [`Family::all`].
    Sweep,
}

/// Where the 1 of an impulse is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the start of every axis.
    Start,
    /// At the end of every axis.
    End,
    /// In the middle of every axis.
    Middle,
    /// At the end of axes 1, 3 and so on, at the start of the others.
    OddAxes,
    /// At the end of axes 0, 2 and so on, at the start of the others.
    EvenAxes,
}

impl Family {
    /// The families whose sums of products are exact in f32.
    pub const EXACT: [Self; 6] = [
        Self::Integers,
        Self::Impulse(Place::Start),
        Self::Impulse(Place::End),
        Self::Impulse(Place::Middle),
        Self::Impulse(Place::OddAxes),
        Self::Impulse(Place::EvenAxes),
    ];

    /// The others.
    pub const ROUNDED: [Self; 5] =
        [Self::Normal, Self::Uniform, Self::Wide, Self::Shifted, Self::TrainingLike];

    /// Every family but the sweep.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::EXACT.into_iter().chain(Self::ROUNDED)
    }

    /// Whether sums of products of these numbers are exact in f32.
    pub fn is_exact(self) -> bool {
        Self::EXACT.contains(&self)
    }

    /// The elements of the operand at this position, the same for the same seed.
    pub fn fill(self, shape: &Shape, operand: usize, seed: u64) -> Vec<f32> {
        let mut random = StdRng::seed_from_u64(seed.wrapping_mul(31).wrapping_add(operand as u64));
        let mut random = |of: &dyn Fn(&mut StdRng) -> f64| -> Vec<f32> {
            (0..shape.elements()).map(|_| of(&mut random) as f32).collect()
        };
        match (self, operand) {
            (Self::Impulse(place), 0) => impulse(shape, place),
            (Self::Integers | Self::Impulse(_), _) => integers(shape, operand),
            (Self::Normal, _) => random(&normal),
            (Self::Uniform, _) => random(&|random| random.random_range(0.0..1.0)),
            (Self::Wide, _) => random(&|random| {
                let sign = if random.random_bool(0.5) { 1.0 } else { -1.0 };
                sign * random.random_range(-12.0..12.0f64).exp2()
            }),
            (Self::Shifted, _) => random(&|random| 1000.0 + normal(random)),
            (Self::TrainingLike, 0) => random(&|random| random.random_range(-1.0..=1.0)),
            (Self::TrainingLike, _) => random(&|random| 0.02 * normal(random)),
            (Self::Sweep, _) => sweep(shape.elements()),
        }
    }
}

impl std::fmt::Display for Family {
    /// As on the command line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Integers => "integers",
            Self::Normal => "normal",
            Self::Uniform => "uniform",
            Self::Wide => "wide",
            Self::Shifted => "shifted",
            Self::Impulse(Place::Start) => "impulse-start",
            Self::Impulse(Place::End) => "impulse-end",
            Self::Impulse(Place::Middle) => "impulse-middle",
            Self::Impulse(Place::OddAxes) => "impulse-odd-axes",
            Self::Impulse(Place::EvenAxes) => "impulse-even-axes",
            Self::TrainingLike => "training-like",
            Self::Sweep => "sweep",
        })
    }
}

/// Box & Muller 1958.
fn normal(random: &mut StdRng) -> f64 {
    let radius = (-2.0 * (1.0 - random.random_range(0.0..1.0f64)).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.random_range(0.0..1.0f64)).cos()
}

fn integers(shape: &Shape, operand: usize) -> Vec<f32> {
    const PRIMES: [u64; 6] = [7_919, 104_729, 1_299_709, 15_485_863, 179_424_673, 2_038_074_743];
    let hash_at = |place: usize| {
        let mut place = place;
        let mut hash = operand as u64 + 1;
        for (axis, extent) in shape.dims().iter().enumerate().rev() {
            hash = hash.wrapping_add((place % extent) as u64 * PRIMES[axis % PRIMES.len()]);
            place /= extent;
        }
        // The finaliser of MurmurHash3, so that neighbours are unlike.
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        (hash ^ (hash >> 33)) % 7
    };
    (0..shape.elements()).map(|place| hash_at(place) as f32 - 3.0).collect()
}

fn sweep(elements: usize) -> Vec<f32> {
    const POWERS: std::ops::Range<i32> = -100..7;
    let powers = POWERS.flat_map(|power| [2f32.powi(power), -(2f32.powi(power))]);
    let even = elements.saturating_sub(2 * POWERS.len());
    let step = 240.0 / even.saturating_sub(1).max(1) as f32;
    (0..even).map(|place| place as f32 * step - 120.0).chain(powers).take(elements).collect()
}

fn impulse(shape: &Shape, place: Place) -> Vec<f32> {
    let mut index = 0;
    for (axis, &extent) in shape.dims().iter().enumerate() {
        let end_if = |is_end: bool| if is_end { extent - 1 } else { 0 };
        let coordinate = match place {
            Place::Start => 0,
            Place::End => extent - 1,
            Place::Middle => extent / 2,
            Place::OddAxes => end_if(axis % 2 == 1),
            Place::EvenAxes => end_if(axis % 2 == 0),
        };
        index = index * extent + coordinate;
    }
    let mut values = vec![0.0; shape.elements()];
    values[index] = 1.0;
    values
}
