//! The search over the candidates for one product after another: each checked, then timed.

use crate::{
    Candidate, Finding, Measured, TuneError, Workload,
    check::{Check, CheckError, Passed},
    race::Race,
};
use std::{collections::BTreeMap, time::Duration};
use tensor_ops::{DeviceError, Gpu, HostClock, PlanError, Variant};

/// A search in progress, with what it has learned of the adapter.
pub(crate) struct Search<'a> {
    gpu: &'a Gpu,
    clock: &'a HostClock,
    end: Duration,
    /// The longest that it took to compile and check a candidate, in seconds.
    preparing: f64,
    known: BTreeMap<Variant, Experience>,
}

/// What is known of a variant.
#[derive(Clone, Copy, Default)]
struct Experience {
    /// Products on which it ran.
    runs: usize,
    /// Those of them on which it was given up after its first run.
    given_up: usize,
    /// The most seconds that one FLOP took.
    a_flop: f64,
}

/// A candidate that goes on after its first run.
struct Runner {
    variant: Variant,
    passed: Passed,
}

/// A variant that was given up on so many products, and on none not, is not tried on others.
pub(crate) const GIVEN_UP_FOR_GOOD: usize = 2;
/// Runs that are shorter, in seconds, are repeated in one submission, whose own time would else be
/// what is measured.
const SHORT: f64 = 2e-3;
const MOST_REPETITIONS: f64 = 64.0;
/// First runs that are shorter, in seconds, are done again: a pause of the host, or memory that is
/// touched for the first time, would decide.
const UNSURE: f64 = 5e-3;
/// Each candidate is timed until it has run for so long in all, in seconds, or so often.
const ENOUGH_SECONDS: f64 = 0.03;
const MOST_ROUNDS: usize = 5;

impl<'a> Search<'a> {
    /// One that ends when the clock shows `end`.
    pub(crate) fn new(gpu: &'a Gpu, clock: &'a HostClock, end: Duration) -> Self {
        Self { gpu, clock, end, preparing: 0.0, known: BTreeMap::new() }
    }

    /// Compares candidates with one another, and with the one chosen before if there is one. `None`
    /// if nothing was compared, now or before.
    pub(crate) async fn measure(
        &mut self,
        workload: &Workload,
        candidates: &[Candidate],
        before: Option<Measured>,
    ) -> Result<Option<Measured>, TuneError> {
        let by_rule = workload.by_rule();
        let incumbent = before.as_ref().map_or(by_rule, |before| before.chosen);
        let worth_it = |candidate: &&Candidate| {
            candidate.variant == incumbent || !self.is_given_up_for_good(candidate.variant)
        };
        let again = before.is_some().then_some(Candidate { variant: incumbent, fault: None });
        let candidates: Vec<&Candidate> =
            again.iter().chain(candidates.iter().filter(worth_it)).collect();
        let has_incumbent = candidates.iter().any(|candidate| candidate.variant == incumbent);
        let first_two = candidates.iter().take(2).copied();
        if candidates.len() < 2 || !has_incumbent || !self.has_time_for(workload, first_two) {
            return Ok(before);
        }
        let mut check = Check::new(workload)?;
        let mut race = Race::default();
        let mut runners = Vec::new();
        let mut findings = Vec::new();
        for candidate in candidates {
            if !self.has_time_for(workload, [candidate]) {
                break;
            }
            let variant = candidate.variant;
            let started = self.now();
            let mut passed = match check.run(self.gpu, workload, candidate, self.clock).await {
                Ok(passed) => passed,
                Err(error) => {
                    findings.push((variant, finding_of(error)?));
                    continue;
                }
            };
            self.preparing = self.preparing.max(self.now() - started - passed.first);
            if passed.first < UNSURE {
                passed.first = passed.first.min(self.run(&mut passed, 1.0).await?);
            }
            let goes_on = race.enter(variant, passed.first);
            let known = self.known.entry(variant).or_default();
            known.runs += 1;
            known.given_up += usize::from(!goes_on);
            known.a_flop = known.a_flop.max(passed.first / workload.flop() as f64);
            if goes_on {
                runners.push(Runner { variant, passed });
            }
        }
        self.time(&mut runners, &mut race).await?;
        findings.extend(race.times().map(|(variant, seconds, gave_up)| {
            let finding = if gave_up { Finding::GivenUp } else { Finding::Timed };
            (variant, finding(seconds))
        }));
        let disagrees = findings.iter().any(|(_, of)| matches!(of, Finding::Disagrees(_)));
        if findings.len() < 2 && !disagrees {
            return Ok(before);
        }
        let chosen = race.winner(incumbent).unwrap_or(incumbent);
        let earlier = before.into_iter().flat_map(|before| before.findings);
        let seen: Vec<Variant> = findings.iter().map(|(variant, _)| *variant).collect();
        findings.extend(earlier.filter(|(variant, _)| !seen.contains(variant)));
        let product = workload.name.clone();
        Ok(Some(Measured { product, chosen, by_rule, findings }))
    }

    /// Times the candidates in turn, so that whatever else runs on the machine delays all alike.
    async fn time(&self, runners: &mut Vec<Runner>, race: &mut Race) -> Result<(), DeviceError> {
        runners.retain(|runner| !race.gave_up(runner.variant));
        let Some(best) = race.best_first().filter(|_| runners.len() > 1) else { return Ok(()) };
        let repetitions = (SHORT / best).ceil().clamp(1.0, MOST_REPETITIONS);
        let a_round = repetitions * best * runners.len() as f64;
        let rounds = (ENOUGH_SECONDS / (repetitions * best)).ceil() as usize;
        for _ in 0..rounds.clamp(1, MOST_ROUNDS) {
            if self.now() + a_round > self.end.as_secs_f64() {
                break;
            }
            for Runner { variant, passed } in &mut *runners {
                race.add(*variant, self.run(passed, repetitions).await?);
            }
        }
        Ok(())
    }

    /// The seconds of a run, of so many in one submission.
    async fn run(&self, of: &mut Passed, repetitions: f64) -> Result<f64, DeviceError> {
        let timed = of.plan.time_kernel(of.phase, 0, repetitions as u32, self.clock).await?;
        Ok(timed.seconds / repetitions)
    }

    fn now(&self) -> f64 {
        (self.clock)().as_secs_f64()
    }

    fn is_given_up_for_good(&self, variant: Variant) -> bool {
        let known = self.known.get(&variant).copied().unwrap_or_default();
        known.runs >= GIVEN_UP_FOR_GOOD && known.given_up == known.runs
    }

    /// Whether candidates can be expected to run once before the end.
    fn has_time_for<'c>(
        &self,
        workload: &Workload,
        candidates: impl IntoIterator<Item = &'c Candidate>,
    ) -> bool {
        let slowest = self.known.values().map(|known| known.a_flop).fold(0.0, f64::max);
        let expected = candidates.into_iter().map(|candidate| {
            let a_flop = self.known.get(&candidate.variant).map_or(slowest, |known| known.a_flop);
            self.preparing + a_flop * workload.flop() as f64
        });
        self.now() + expected.sum::<f64>() <= self.end.as_secs_f64()
    }
}

/// What an error says about a candidate, unless it is about the device.
fn finding_of(error: CheckError) -> Result<Finding, TuneError> {
    match error {
        CheckError::Disagrees(how) => Ok(Finding::Disagrees(how)),
        CheckError::Graph(error) => Err(error.into()),
        CheckError::Plan(PlanError::Device(error))
            if !matches!(error, DeviceError::OutOfMemory { .. }) =>
        {
            Err(error.into())
        }
        CheckError::Plan(refused) => Ok(Finding::Refused(refused)),
    }
}
