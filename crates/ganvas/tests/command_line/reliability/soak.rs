//! A long run: killed and resumed again and again, it takes no more memory and no more time.
//!
//! `GANVAS_SOAK_MINUTES=30 cargo test -p ganvas --test command_line -- --ignored --nocapture soak`
//! writes `soak.csv`, one line for each sample, and `soak.svg`, a plot of them, into the folder that
//! `GANVAS_SOAK_OUT` names.

use super::{checkpoints, run_folder, state};
use crate::ganvas;
use plotters::prelude::*;
use std::{
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// What a process has taken, a while after it began.
#[derive(Clone, Copy, Debug)]
struct Sample {
    session: usize,
    /// Since the session began.
    seconds: f64,
    resident_bytes: u64,
    /// Whether the session has saved twice, after which it needs nothing that it has not had.
    warm: bool,
}

/// How long, and with how many kills in it.
struct Plan {
    duration: Duration,
    sessions: usize,
    every: Duration,
}

/// The most that resident memory may grow from the first to the last quarter of a session.
const MOST_GROWTH: f64 = 1.02;

/// The fewest samples of a session that has become warm.
const WARM: usize = 24;

/// How much longer than all of the plan a session may take to become warm.
const PATIENCE: Duration = Duration::from_secs(60);

/// The newest checkpoint's file, if the run has one yet.
fn newest_name(run: &Path) -> Option<PathBuf> {
    run.join("checkpoints").is_dir().then(|| checkpoints(run).pop()).flatten()
}

fn resident_bytes(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn begin(folder: &Path, session: usize) -> Child {
    let mut command = ganvas(folder);
    command.env("GANVAS_CACHE_DIR", folder.join("cache")).arg("train");
    match session {
        0 => {
            let fast = ["--preset", "dcgan28-small", "--batch", "16", "--snap", "0.16"];
            command.args(fast).args(["--kimg", "1000000", "--keep", "3", "--no-tune"])
        }
        _ => command.args(["--resume", "latest", "--no-tune"]),
    };
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Trains in sessions of equal length, each but the first going on with what the one before left.
fn soak(folder: &Path, plan: &Plan) -> Vec<Sample> {
    let run_folder = run_folder(folder, 0, "dcgan28-small");
    let mut samples = Vec::new();
    let mut steps = 0;
    for session in 0..plan.sessions {
        let mut child = begin(folder, session);
        let began = Instant::now();
        let (mut warm_samples, mut saves, mut seen) = (0, 0, newest_name(&run_folder));
        while began.elapsed() < plan.duration / plan.sessions as u32 || warm_samples < WARM {
            assert!(began.elapsed() < plan.duration + PATIENCE, "session {session} is stuck");
            thread::sleep(plan.every);
            assert!(child.try_wait().unwrap().is_none(), "session {session} ended by itself");
            let Some(resident_bytes) = resident_bytes(child.id()) else { continue };
            let seconds = began.elapsed().as_secs_f64();
            let saved = newest_name(&run_folder);
            if saved != seen {
                (saves, seen) = (saves + 1, saved);
            }
            let warm = saves > 2;
            warm_samples += usize::from(warm);
            samples.push(Sample { session, seconds, resident_bytes, warm });
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let newest = state(checkpoints(&run_folder).last().unwrap()).step;
        assert!(newest > steps, "session {session} did nothing: {newest} steps after {steps}");
        assert!(checkpoints(&run_folder).len() <= 4, "three are kept, and one may be new");
        steps = newest;
    }
    samples
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The medians of the first and the last quarter.
fn quarters(values: &[f64]) -> [f64; 2] {
    let quarter = (values.len() / 4).max(1);
    [&values[..quarter], &values[values.len() - quarter..]].map(|part| median(part.to_vec()))
}

/// Holds memory in each session, once it is warm, and speed over all to what they began with.
fn check(folder: &Path, samples: &[Sample], plan: &Plan, most_slowdown: f64) {
    for session in 0..plan.sessions {
        let memory: Vec<f64> = samples
            .iter()
            .filter(|sample| sample.session == session && sample.warm)
            .map(|sample| sample.resident_bytes as f64)
            .collect();
        let [first, last] = quarters(&memory);
        println!("session {session}: {:.1} MB, then {:.1} MB", first / 1e6, last / 1e6);
        assert!(last <= first * MOST_GROWTH, "session {session}: {first} bytes, then {last}");
    }
    let lines = crate::stats(&run_folder(folder, 0, "dcgan28-small"));
    let rates: Vec<f64> =
        lines.iter().map(|line| line["images_per_second"].as_f64().unwrap()).collect();
    let [first, last] = quarters(&rates);
    println!("{} lines: {first:.0} images/s, then {last:.0} images/s", rates.len());
    assert!(last * most_slowdown >= first, "{first} images/s, then {last}");
}

/// Resident memory over time, a line for each session.
fn draw(samples: &[Sample], file: &Path) {
    let mut lines: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut before = 0.0;
    for sample in samples {
        if sample.session == lines.len() {
            before = lines.last().and_then(|line| line.last()).map_or(0.0, |&(minutes, _)| minutes);
            lines.push(Vec::new());
        }
        let point = (before + sample.seconds / 60.0, sample.resident_bytes as f64 / 1e6);
        lines.last_mut().unwrap().push(point);
    }
    let points = || lines.iter().flatten();
    let [minutes, megabytes] = [
        points().fold(0.0, |most: f64, point| most.max(point.0)),
        points().fold(0.0, |most: f64, point| most.max(point.1)),
    ];
    let area = SVGBackend::new(file, (900, 360)).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .set_label_area_size(LabelAreaPosition::Left, 60)
        .set_label_area_size(LabelAreaPosition::Bottom, 44)
        .build_cartesian_2d(0.0..minutes, 0.0..1.25 * megabytes)
        .unwrap();
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_desc("minutes; each line ends with a kill")
        .y_desc("resident memory, MB")
        .draw()
        .unwrap();
    for line in lines {
        chart.draw_series(LineSeries::new(line, RGBColor(0, 114, 178).stroke_width(2))).unwrap();
    }
    area.present().unwrap();
}

/// What else runs on the machine disturbs the speed of a short run, so that only a collapse counts.
#[test]
fn a_short_soak_takes_no_more_memory() {
    if env::var("ALLOW_NO_GPU").as_deref() == Ok("1") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let every = Duration::from_millis(100);
    let plan = Plan { duration: Duration::from_secs(16), sessions: 2, every };
    let samples = soak(folder.path(), &plan);
    check(folder.path(), &samples, &plan, 4.0);
}

#[test]
#[ignore = "takes as many minutes as GANVAS_SOAK_MINUTES says"]
fn soak_for_minutes() {
    let minutes = env::var("GANVAS_SOAK_MINUTES").ok().and_then(|minutes| minutes.parse().ok());
    let duration = Duration::from_secs_f64(60.0 * minutes.unwrap_or(30.0));
    let folder = TempDir::new().unwrap();
    let plan = Plan { duration, sessions: 11, every: Duration::from_secs(1) };
    let samples = soak(folder.path(), &plan);
    let mut csv = String::from("session,seconds,resident_bytes,warm\n");
    for Sample { session, seconds, resident_bytes, warm } in &samples {
        writeln!(csv, "{session},{seconds:.1},{resident_bytes},{warm}").unwrap();
    }
    let out = env::var_os("GANVAS_SOAK_OUT").map_or_else(env::temp_dir, PathBuf::from);
    fs::write(out.join("soak.csv"), csv).unwrap();
    draw(&samples, &out.join("soak.svg"));
    println!("wrote soak.csv and soak.svg into {}", out.display());
    check(folder.path(), &samples, &plan, 1.1);
}
