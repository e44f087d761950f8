//! `ganvas doctor`: whether this adapter computes what it should.

use crate::{
    args::DoctorArguments,
    device_choice::choose_adapter,
    devices::DeviceRow,
    doctor_report::{Report, print_failures, print_tables},
    exit::{UsageError, VerificationError},
    progress::say,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
    num::NonZero,
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};
use tensor_ops::{Adapter, DeviceError};
use verification::{Doctor, Findings, Level, faults::faults};

/// Devices that are opened at once: the reference and a software adapter need a core each.
const THREADS_AT_MOST: usize = 8;

/// Checks the adapter that the arguments name.
pub(crate) async fn doctor(arguments: &DoctorArguments) -> anyhow::Result<()> {
    if arguments.plant.as_deref() == Some("list") {
        for fault in faults() {
            say(fault.name);
        }
        return Ok(());
    }
    let level = if arguments.full { Level::Full } else { Level::Quick };
    let selection = arguments.only.clone().unwrap_or_default();
    let doctor = Doctor::new(level, selection, planted(arguments)?)
        .map_err(|error| UsageError(format!("--only {error}")))?;
    let (index, adapter) = choose_adapter(&arguments.device).await?;
    let row = DeviceRow::of(index, &adapter);
    say(format_args!("Device: {}", row.in_words()));
    let start = Instant::now();
    let Examined { findings, parts } = examine(&doctor, &adapter)?;
    let took = start.elapsed();

    print_tables(&findings, arguments);
    print_failures(&findings, &row);
    if let Some(path) = &arguments.json {
        let report = Report::new(level, &row, took, &parts, &findings);
        report.write(path)?;
        say(format_args!("\nReport: {}", path.display()));
    }
    let total = findings.total();
    let (cases, took) = (total.cases, format!("{:.1} s", took.as_secs_f64()));
    if findings.held() {
        let name = &row.name;
        say(format_args!("\nAll held on {name}: {cases} cases compared in {took}."));
        return Ok(());
    }
    let wrong = findings.wrong().join(", ");
    let failed = total.failed;
    let verdict = format!("{failed} of {cases} cases failed on {}: {wrong} ({took})", row.name);
    Err(VerificationError(verdict).into())
}

fn planted(arguments: &DoctorArguments) -> Result<Option<tensor_ops::Fault>, UsageError> {
    let Some(name) = &arguments.plant else { return Ok(None) };
    match faults().into_iter().find(|fault| fault.name == name) {
        Some(planted) => Ok(Some(planted.fault)),
        None => Err(UsageError(format!("--plant {name}: no such fault; see --plant list"))),
    }
}

/// What was found, and the seconds that each part took.
#[derive(Default)]
struct Examined {
    findings: Findings,
    parts: BTreeMap<String, f64>,
}

/// Does all of the work, on a few threads with a device each.
fn examine(doctor: &Doctor, adapter: &Adapter) -> Result<Examined, DeviceError> {
    let mut work = doctor.work();
    let bar = bar(work.len());
    // Taken from the end, so the longest parts go there.
    work.reverse();
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_AT_MOST);
    let queue = Mutex::new(work);
    let take = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let one = || -> Result<Examined, DeviceError> {
        let gpu = pollster::block_on(adapter.open())?;
        let mut examined = Examined::default();
        while let Some(work) = take() {
            let (name, start) = (doctor.name_of(work), Instant::now());
            bar.set_message(name.clone());
            examined.findings.merge(pollster::block_on(doctor.perform(&gpu, work))?);
            examined.parts.insert(name, start.elapsed().as_secs_f64());
            bar.inc(1);
        }
        Ok(examined)
    };
    let results: Vec<Result<Examined, DeviceError>> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        running.into_iter().map(join).collect()
    });
    bar.finish_and_clear();
    let mut all = Examined::default();
    for examined in results {
        let Examined { findings, parts } = examined?;
        all.findings.merge(findings);
        all.parts.extend(parts);
    }
    Ok(all)
}

fn join<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn bar(parts: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}").ok();
    match style.filter(|_| io::stderr().is_terminal()) {
        Some(style) => ProgressBar::new(parts as u64).with_style(style.progress_chars("━╸─")),
        None => ProgressBar::hidden(),
    }
}
