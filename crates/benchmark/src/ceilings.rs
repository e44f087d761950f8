//! What an adapter can do at most: arithmetic, copying, and how fast it takes work.
//!
//! Every ceiling is the best of several forms and workgroup sizes, each by the median of its
//! samples. The texts are small programs of this crate's own, compiled with wgpu's checks, which
//! they are written not to feel: loops are unrolled, and a copy waits for memory.

use crate::{
    stopwatch::{Measured, Stopwatch, median},
    work::Work,
};
use serde::{Deserialize, Serialize};
use tensor_ops::{Clock, DeviceError, Gpu, Program};

/// An adapter's ceilings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ceilings {
    /// f32 operations.
    pub arithmetic: Arithmetic,
    /// Copies of more and more bytes.
    pub copies: Vec<CopyRate>,
    /// Seconds from one dispatch of next to nothing to the next that waits for it.
    pub dispatch_seconds: f64,
    /// Seconds from a submission of one such dispatch until the host knows its end, by its clock.
    pub submission_seconds: f64,
    /// What the ceilings but the last were taken by.
    pub clock: String,
}

/// The most f32 operations a second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arithmetic {
    /// 10⁹ operations a second; a fused multiply-add is two.
    pub gflops: f64,
    /// `scalar` or `vec4`.
    pub form: String,
    /// Invocations of a workgroup.
    pub workgroup: u32,
}

/// How fast a buffer of some size is copied into another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CopyRate {
    /// Read and written together.
    pub bytes: u64,
    /// 10⁹ bytes a second, those read and those written together.
    pub gigabytes_per_second: f64,
    /// Invocations of a workgroup.
    pub workgroup: u32,
    /// Quads of 16 bytes that an invocation copies.
    pub quads: u32,
}

/// How often the cost of a dispatch is measured.
const ROUNDS: usize = 3;

/// What is measured next.
pub type OnCeiling<'a> = &'a dyn Fn(&str);

impl Ceilings {
    /// Measures them, and tells the stopwatch what a submission costs.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn measure(
        gpu: &Gpu,
        stopwatch: &mut Stopwatch,
        on_ceiling: OnCeiling<'_>,
    ) -> Result<Self, DeviceError> {
        on_ceiling("dispatches");
        let nothing =
            Program::new(gpu, include_str!("ceilings/dispatch.wgsl"), &[4], [1; 3]).await?;
        stopwatch.submission = submission(&nothing, stopwatch).await?;
        let mut dispatch = time(&nothing, stopwatch).await?;
        let mut clock = dispatch.clock;
        for _ in 1..ROUNDS {
            let round = time(&nothing, stopwatch).await?;
            clock = clock.max(round.clock);
            if round.seconds < dispatch.seconds {
                dispatch = round;
            }
        }
        on_ceiling("arithmetic");
        let arithmetic = arithmetic(gpu, stopwatch, &mut clock).await?;
        let mut copies = Vec::new();
        for bytes in sizes(gpu.largest_buffer()) {
            on_ceiling(&format!("copies of {} MiB", bytes >> 20));
            match copy(gpu, stopwatch, bytes, &mut clock).await {
                Ok(copy) => copies.push(copy),
                // Smaller ones say enough.
                Err(DeviceError::OutOfMemory { .. }) if !copies.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(Self {
            arithmetic,
            copies,
            dispatch_seconds: dispatch.seconds,
            submission_seconds: stopwatch.submission,
            clock: clock_name(clock).to_owned(),
        })
    }

    /// The share of the roofline that work in so many seconds reaches: the longer of the times that
    /// its operations take at the arithmetic ceiling and its bytes at that of a copy of their size,
    /// over the time that it took. That is what it achieved over min(arithmetic, bandwidth x
    /// intensity), and has a value for work without operations too. 0 for what took no time, which
    /// nothing does.
    pub fn share(&self, work: Work, seconds: f64) -> f64 {
        let least = self.least_seconds(work);
        if seconds > 0.0 && seconds.is_finite() { least / seconds } else { 0.0 }
    }

    fn least_seconds(&self, work: Work) -> f64 {
        let arithmetic = work.flop as f64 / (self.arithmetic.gflops * 1e9);
        let copying = self.copy_of(work.bytes);
        let copying = copying.map_or(0.0, |c| work.bytes as f64 / (c.gigabytes_per_second * 1e9));
        arithmetic.max(copying)
    }

    /// The fastest copy, and the largest one, which stays in no cache.
    pub fn cache_and_memory(&self) -> Option<[&CopyRate; 2]> {
        let rate = |copy: &&CopyRate| copy.gigabytes_per_second;
        let cache = self.copies.iter().max_by(|a, b| rate(a).total_cmp(&rate(b)))?;
        Some([cache, self.copies.last()?])
    }

    /// The copy nearest in size to so many bytes: the memory that a kernel which moves them can be
    /// compared with. Small ones stay in caches.
    pub fn copy_of(&self, bytes: u64) -> Option<&CopyRate> {
        let distance = |copy: &&CopyRate| (copy.bytes as f64 / bytes.max(1) as f64).ln().abs();
        self.copies.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

/// A clock's name in reports.
pub fn clock_name(clock: Clock) -> &'static str {
    match clock {
        Clock::Timestamps => "timestamps",
        Clock::Host => "host",
    }
}

async fn time(program: &Program, stopwatch: &Stopwatch) -> Result<Measured, DeviceError> {
    let clock = stopwatch.clock();
    stopwatch.measure(async |repetitions| program.time(repetitions, &clock).await).await
}

/// The median of many, by the host's clock even where there are timestamps.
async fn submission(nothing: &Program, stopwatch: &Stopwatch) -> Result<f64, DeviceError> {
    const SUBMISSIONS: usize = 51;
    let clock = stopwatch.clock();
    let mut seconds = Vec::with_capacity(SUBMISSIONS);
    // The first few find everything cold.
    for number in 0..SUBMISSIONS + 5 {
        let timed = nothing.time(1, &clock).await?;
        if number >= 5 {
            seconds.push(timed.host_seconds);
        }
    }
    Ok(median(&seconds))
}

const ARITHMETIC: [(&str, &str, u64); 2] = [
    ("scalar", include_str!("ceilings/arithmetic_scalar.wgsl"), 4),
    ("vec4", include_str!("ceilings/arithmetic_vec4.wgsl"), 16),
];

async fn arithmetic(
    gpu: &Gpu,
    stopwatch: &Stopwatch,
    clock: &mut Clock,
) -> Result<Arithmetic, DeviceError> {
    const INVOCATIONS: u32 = 1 << 18;
    const OPERATIONS_A_ROUND: f64 = 128.0;
    /// Below the limit of loops by far.
    const ROUNDS_AT_MOST: f64 = 8192.0;
    let program = async |(_, text, bytes): (&str, &str, u64), workgroup: u32, rounds: u32| {
        let text = format!("const WORKGROUP = {workgroup}u;\nconst ROUNDS = {rounds}u;\n{text}");
        let buffers = [bytes * u64::from(INVOCATIONS)];
        Program::new(gpu, &text, &buffers, [INVOCATIONS / workgroup, 1, 1]).await
    };
    // As long as a sample, so that neither the start nor the end of a dispatch weighs.
    let pilot = time(&program(ARITHMETIC[0], 64, 8).await?, stopwatch).await?;
    let rounds = (8.0 * stopwatch.least_sample / pilot.seconds).clamp(8.0, ROUNDS_AT_MOST) as u32;
    let mut best = Arithmetic { gflops: 0.0, form: String::new(), workgroup: 0 };
    for form in ARITHMETIC {
        for workgroup in WORKGROUPS {
            let program = program(form, workgroup, rounds).await?;
            let measured = time(&program, stopwatch).await?;
            *clock = measured.clock.max(*clock);
            let operations = f64::from(INVOCATIONS) * f64::from(rounds) * OPERATIONS_A_ROUND;
            let gflops = operations / measured.seconds * 1e-9;
            if gflops > best.gflops {
                best = Arithmetic { gflops, form: form.0.to_owned(), workgroup };
            }
        }
    }
    Ok(best)
}

/// Those that every adapter can run.
const WORKGROUPS: [u32; 4] = [8, 32, 64, 256];

/// From what fits into a cache to what is far beyond any, in bytes read and written together.
fn sizes(largest_buffer: u64) -> impl Iterator<Item = u64> {
    let sizes = [20, 22, 24, 26, 28, 29].map(|power| 1 << power);
    sizes.into_iter().filter(move |bytes| bytes / 2 <= largest_buffer)
}

async fn copy(
    gpu: &Gpu,
    stopwatch: &Stopwatch,
    bytes: u64,
    clock: &mut Clock,
) -> Result<CopyRate, DeviceError> {
    let mut best = CopyRate { bytes, gigabytes_per_second: 0.0, workgroup: 0, quads: 0 };
    for workgroup in [64, 256] {
        for quads in [1, 4] {
            let text = format!(
                "const WORKGROUP = {workgroup}u;\nconst EACH = {quads}u;\n{}",
                include_str!("ceilings/copy.wgsl")
            );
            // Powers of two, all of them.
            let workgroups = (bytes / 2 / 16) as u32 / (workgroup * quads);
            let x = workgroups.min(1 << 15);
            let program = Program::new(gpu, &text, &[bytes / 2; 2], [x, workgroups / x, 1]).await?;
            let measured = time(&program, stopwatch).await?;
            *clock = measured.clock.max(*clock);
            let rate = bytes as f64 / measured.seconds * 1e-9;
            if rate > best.gigabytes_per_second {
                best = CopyRate { bytes, gigabytes_per_second: rate, workgroup, quads };
            }
        }
    }
    Ok(best)
}
