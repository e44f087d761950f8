//! Choosing variants for the products of a step, and what comes of it.

use crate::{
    Disagreement, Workload,
    search::{GIVEN_UP_FOR_GOOD, Search},
};
use graph::GraphError;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tensor_ops::{DeviceError, Fault, Gpu, HostClock, PlanError, Variant};

/// A variant to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The variant.
    pub variant: Variant,
    /// A fault in it, to show that a wrong variant is found. Training plants none.
    pub fault: Option<Fault>,
}

/// How far a search is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The product that is being measured.
    pub product: &'a str,
    /// Its number, from 1.
    pub number: usize,
    /// How many there are to measure.
    pub of: usize,
}

/// What was found out about a candidate.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// It is correct; the median of its times, in seconds.
    Timed(f64),
    /// It is correct and was given up after its first run, of so many seconds.
    GivenUp(f64),
    /// It computes something else: no time of it counts.
    Disagrees(Disagreement),
    /// The device's limits do not allow it.
    Refused(PlanError),
}

/// A product that was measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its name.
    pub product: String,
    /// The variant to take. Where all candidates disagree it is the rule's, for want of another.
    pub chosen: Variant,
    /// The variant by rule.
    pub by_rule: Variant,
    /// Each candidate that was tried.
    pub findings: Vec<(Variant, Finding)>,
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Tuned {
    /// The products that were measured.
    pub measured: Vec<Measured>,
    /// The names of those for which there was no time.
    pub unmeasured: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// A search that could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TuneError {
    /// A product is no graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The device failed.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl Measured {
    /// The candidates that compute something else.
    pub fn disagreeing(&self) -> impl Iterator<Item = (Variant, &Disagreement)> {
        self.findings.iter().filter_map(|(variant, finding)| match finding {
            Finding::Disagrees(how) => Some((*variant, how)),
            _ => None,
        })
    }
}

/// Chooses a variant for each product that has several until the budget is used up; those left keep
/// the rule's.
///
/// Products come in the order given. Variants that the rule takes for none of them, which makes them
/// unlikely on this adapter, are tried last, in what is left of the time.
///
/// # Errors
/// If the device fails; a candidate that it refuses is [`Finding::Refused`].
pub async fn tune(
    gpu: &Gpu,
    workloads: &[Workload],
    budget: Duration,
    clock: &HostClock,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Tuned, TuneError> {
    let all = |workload: &Workload| -> Vec<Candidate> {
        workload.variants.iter().map(|&variant| Candidate { variant, fault: None }).collect()
    };
    tune_candidates(gpu, workloads, &all, budget, clock, progress).await
}

/// [`tune`] of candidates of the caller's own: for tests that plant wrong ones.
///
/// # Errors
/// As [`tune`].
pub async fn tune_candidates(
    gpu: &Gpu,
    workloads: &[Workload],
    candidates: &dyn Fn(&Workload) -> Vec<Candidate>,
    budget: Duration,
    clock: &HostClock,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Tuned, TuneError> {
    let started = clock();
    let mut search = Search::new(gpu, clock, started + budget);
    let mut measured: BTreeMap<&str, Measured> = BTreeMap::new();
    let heats = heats(workloads, candidates);
    for (index, Heat { workload, candidates }) in heats.iter().enumerate() {
        let product = workload.name.as_str();
        progress(Progress { product, number: index + 1, of: heats.len() });
        let before = measured.remove(product);
        if let Some(after) = search.measure(workload, candidates, before).await? {
            measured.insert(product, after);
        }
    }
    let open = workloads.iter().filter(|workload| workload.variants.len() > 1);
    let mut tuned = Tuned::default();
    for workload in open {
        match measured.remove(workload.name.as_str()) {
            Some(measured) => tuned.measured.push(measured),
            None => tuned.unmeasured.push(workload.name.clone()),
        }
    }
    tuned.took = clock().saturating_sub(started);
    Ok(tuned)
}

/// Candidates that are compared with one another.
struct Heat<'a> {
    workload: &'a Workload,
    candidates: Vec<Candidate>,
}

/// First of every product the likely candidates, then of every product the others: of a few small
/// ones before the large, since what is slow on an adapter shows there in little time.
fn heats<'a>(
    workloads: &'a [Workload],
    candidates: &dyn Fn(&Workload) -> Vec<Candidate>,
) -> Vec<Heat<'a>> {
    /// Milliseconds in a good variant, even where a CPU computes it.
    const SMALL: u64 = 1 << 28;
    let open = workloads.iter().filter(|workload| workload.variants.len() > 1);
    let likely: BTreeSet<Variant> = open.clone().map(Workload::by_rule).collect();
    let divided = open.map(|workload| {
        let (mut first, mut second): (Vec<_>, Vec<_>) = candidates(workload)
            .into_iter()
            .partition(|candidate| likely.contains(&candidate.variant));
        if first.len() < 2 {
            first.append(&mut second);
            std::mem::swap(&mut first, &mut second);
        }
        let heat = |candidates| Heat { workload, candidates };
        (heat(first), heat(second))
    });
    let (first, second): (Vec<_>, Vec<_>) = divided.unzip();
    let (mut small, large): (Vec<_>, Vec<_>) =
        second.into_iter().partition(|heat| heat.workload.flop() < SMALL);
    let rest = small.split_off(small.len().min(GIVEN_UP_FOR_GOOD));
    let in_order = first.into_iter().chain(small).chain(large).chain(rest);
    in_order.filter(|heat| !heat.candidates.is_empty()).collect()
}
