//! The doctor's work, on a few threads with a device each.

use crate::output::bar;
use indicatif::ProgressBar;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    num::NonZero,
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};
use tensor_ops::{Adapter, DeviceError, Gpu};
use verification::{Doctor, Findings, Work};

/// Devices that are opened at once: the reference and a software adapter need a core each.
const THREADS_AT_MOST: usize = 8;

/// Times that a thread opens a device anew after one has failed.
const FAILURES_AT_MOST: usize = 3;

/// What was found, and the seconds that each part took.
#[derive(Default)]
pub(crate) struct Examined {
    pub(crate) findings: Findings,
    pub(crate) parts: BTreeMap<String, f64>,
}

/// Does all of the work. What a failing device left undone is among the findings.
///
/// # Errors
/// If no device can be opened, or a check of Ganvas's own panics.
pub(crate) fn examine(doctor: &Doctor, adapter: &Adapter) -> anyhow::Result<Examined> {
    let mut work = doctor.work();
    let bar = bar("{bar:30} {pos}/{len} {wide_msg}", work.len() as u64);
    // Taken from the end, so the longest parts go there.
    work.reverse();
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_AT_MOST);
    let queue = Mutex::new(work);
    let take = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let results = thread::scope(|scope| {
        let one = || Worker::open(doctor, adapter).map(|worker| worker.work(take, &bar));
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        running.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    bar.finish_and_clear();
    let mut all = Examined::default();
    let mut refused = None;
    for result in results {
        match result {
            Ok(Ok(Examined { findings, parts })) => {
                all.findings.merge(findings);
                all.parts.extend(parts);
            }
            Ok(Err(error)) => refused = Some(error),
            Err(_) => anyhow::bail!("a check panicked, which is a bug of Ganvas's: see above"),
        }
    }
    if let Some(error) = refused.filter(|_| all.parts.is_empty()) {
        return Err(error.into());
    }
    while let Some(work) = take() {
        let why = "not looked at, as the device failed too often";
        all.findings.lost.insert(doctor.name_of(work), why.to_owned());
    }
    Ok(all)
}

/// A thread's device, and what it has found.
struct Worker<'a> {
    doctor: &'a Doctor,
    adapter: &'a Adapter,
    gpu: Gpu,
    examined: Examined,
}

impl<'a> Worker<'a> {
    fn open(doctor: &'a Doctor, adapter: &'a Adapter) -> Result<Self, DeviceError> {
        let gpu = pollster::block_on(adapter.open())?;
        Ok(Self { doctor, adapter, gpu, examined: Examined::default() })
    }

    /// Works until nothing is left, or devices fail too often.
    fn work(mut self, take: impl Fn() -> Option<Work>, bar: &ProgressBar) -> Examined {
        let mut failures = 0;
        while let Some(work) = take() {
            let (name, start) = (self.doctor.name_of(work), Instant::now());
            tracing::info!("{name}");
            bar.set_message(name.clone());
            let failed = self.perform(work, &name).is_err();
            self.examined.parts.insert(name, start.elapsed().as_secs_f64());
            bar.inc(1);
            if failed {
                failures += 1;
                // A device that failed once answers nothing more.
                match pollster::block_on(self.adapter.open()) {
                    Ok(gpu) if failures < FAILURES_AT_MOST => self.gpu = gpu,
                    _ => break,
                }
            }
        }
        self.examined
    }

    fn perform(&mut self, work: Work, name: &str) -> Result<(), DeviceError> {
        let at = RefCell::new(name.to_owned());
        let on_case = |path: &str| {
            tracing::debug!("{path}");
            path.clone_into(&mut at.borrow_mut());
        };
        let findings = &mut self.examined.findings;
        let done = pollster::block_on(self.doctor.perform(&self.gpu, work, findings, &on_case));
        if let Err(error) = &done {
            findings.lost.insert(at.into_inner(), error.to_string());
        }
        done
    }
}
