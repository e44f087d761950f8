//! How long work takes: medians of submissions that are long enough to be far above the cost of
//! submitting.

use std::time::{Duration, Instant};
use tensor_ops::{Clock, DeviceError, Timed};

/// Takes times with enough repetitions to trust them.
#[derive(Clone, Debug)]
pub struct Stopwatch {
    started: Instant,
    /// How long a submission of next to nothing takes by the host's clock, in seconds: what is taken
    /// off every time by that clock.
    pub submission: f64,
    /// What one sample takes at least, in seconds, where repetitions can make it so.
    pub least_sample: f64,
    /// How many samples are taken.
    pub samples: usize,
}

/// How long something took.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The median of the samples: seconds of one repetition.
    pub seconds: f64,
    /// Each sample: the mean of its repetitions, in seconds.
    pub samples: Vec<f64>,
    /// How often the work was done in each sample.
    pub repetitions: u32,
    /// What the samples were taken by: the host's clock if it was needed for any of them.
    pub clock: Clock,
}

/// Repetitions that one compute pass may have: each is recorded by the host.
const REPETITIONS_AT_MOST: u32 = 4096;

impl Stopwatch {
    /// One that takes five samples of at least 20 ms each.
    pub fn new() -> Self {
        Self { started: Instant::now(), submission: 0.0, least_sample: 0.02, samples: 5 }
    }

    /// The host's clock.
    pub fn clock(&self) -> impl Fn() -> Duration + 'static {
        let started = self.started;
        move || started.elapsed()
    }

    /// Measures what `time` does when it is given a number of repetitions. Once before the samples
    /// are taken it does the work once, for caches, and then as often as the first sample may need.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn measure(
        &self,
        mut time: impl AsyncFnMut(u32) -> Result<Timed, DeviceError>,
    ) -> Result<Measured, DeviceError> {
        time(1).await?;
        let mut repetitions = 1;
        let mut once = self.once(&time(1).await?, 1);
        // What one repetition takes beside the submission is not known well until there are many.
        while once * f64::from(repetitions) < self.least_sample && repetitions < REPETITIONS_AT_MOST
        {
            let needed = (1.1 * self.least_sample / once).ceil();
            let most = repetitions.saturating_mul(64).min(REPETITIONS_AT_MOST);
            repetitions = (needed as u32).clamp(repetitions + 1, most);
            once = self.once(&time(repetitions).await?, repetitions);
        }
        let mut samples = Vec::with_capacity(self.samples);
        let mut clock = Clock::Timestamps;
        for _ in 0..self.samples.max(1) {
            let timed = time(repetitions).await?;
            clock = clock.max(timed.clock);
            samples.push(self.once(&timed, repetitions));
        }
        Ok(Measured { seconds: median(&samples), samples, repetitions, clock })
    }

    /// Seconds of one repetition, more than none.
    fn once(&self, timed: &Timed, repetitions: u32) -> f64 {
        let work = match timed.clock {
            Clock::Timestamps => timed.seconds,
            // Submissions vary: one that took less than they usually do says only that the work is
            // far below them.
            Clock::Host => (timed.seconds - self.submission).max(timed.seconds * 0.01),
        };
        // A clock that stood still.
        const TICK: f64 = 1e-9;
        work.max(TICK) / f64::from(repetitions)
    }
}

impl Default for Stopwatch {
    fn default() -> Self {
        Self::new()
    }
}

/// The middle one of these numbers; NaN where there are none.
pub fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(seconds: f64, clock: Clock) -> Timed {
        Timed { seconds, clock, host_seconds: seconds }
    }

    fn measure(stopwatch: &Stopwatch, mut time: impl FnMut(u32) -> Timed) -> Measured {
        let measured = stopwatch.measure(async |repetitions| Ok(time(repetitions)));
        pollster::block_on(measured).unwrap()
    }

    #[test]
    fn short_work_is_repeated_until_a_sample_is_long() {
        let mut asked = Vec::new();
        let stopwatch = Stopwatch { submission: 1e-4, ..Stopwatch::new() };
        let measured = measure(&stopwatch, |repetitions| {
            asked.push(repetitions);
            timed(1e-4 + 2e-5 * f64::from(repetitions), Clock::Host)
        });
        assert!((measured.seconds - 2e-5).abs() < 1e-9, "{measured:?}");
        assert!(2e-5 * f64::from(measured.repetitions) >= stopwatch.least_sample);
        assert_eq!(asked.iter().filter(|&&n| n == measured.repetitions).count(), 6, "{asked:?}");
        let long = measure(&stopwatch, |repetitions| timed(f64::from(repetitions), Clock::Host));
        assert_eq!(long.repetitions, 1);
    }

    #[test]
    fn a_time_is_never_zero_or_negative() {
        let stopwatch = Stopwatch { submission: 1.0, ..Stopwatch::new() };
        for clock in [Clock::Host, Clock::Timestamps] {
            for seconds in [0.0, 1e-6, 0.5] {
                let measured = measure(&stopwatch, |_| timed(seconds, clock));
                assert!(measured.seconds > 0.0, "{measured:?}");
                assert!(measured.repetitions <= REPETITIONS_AT_MOST);
            }
        }
    }

    #[test]
    fn one_sample_by_the_host_makes_all_the_hosts() {
        let mut calls = 0;
        let measured = measure(&Stopwatch::new(), |_| {
            calls += 1;
            timed(1.0, if calls == 4 { Clock::Host } else { Clock::Timestamps })
        });
        assert_eq!(measured.clock, Clock::Host);
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 100.0]), 3.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 100.0]), 3.0);
        assert!(median(&[]).is_nan());
    }
}
