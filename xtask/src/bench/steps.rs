//! When the steps of a running program end.

use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead, BufReader, PipeReader},
    process::{Child, Command},
    time::{Duration, Instant},
};

/// Lines of a failed program's output that are shown.
const LAST_LINES: usize = 20;

/// What a program's line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The adapter's name.
    Adapter(String),
    /// A step is done.
    Step,
}

/// The steps of one run.
#[derive(Debug)]
pub(super) struct Steps {
    /// The adapter's name.
    pub(super) adapter: String,
    /// From the program's start to the end of its first step.
    pub(super) first: Duration,
    /// Each step after those that warm up.
    pub(super) later: Vec<Duration>,
}

/// Runs a program to its end, and times the lines by which it tells of steps: they come within
/// microseconds, and the same way from every program.
pub(super) fn time(
    command: &mut Command,
    event: impl Fn(&str) -> Option<Event>,
    warm_up: usize,
) -> Result<Steps> {
    let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let started = Instant::now();
    let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
    // The pipe ends when no one can write to it any more.
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let heard = listen(child, reader, started, event)?;
    let mut ends = heard.ends.into_iter();
    let (Some(first), Some(adapter)) = (ends.next(), heard.adapter) else {
        bail!("{command:?} told of no adapter or of no step:\n{}", heard.last_lines.join("\n"));
    };
    let mut before = first;
    let later = ends.map(|end| end - std::mem::replace(&mut before, end)).skip(warm_up - 1);
    let later: Vec<Duration> = later.collect();
    if later.is_empty() {
        bail!("{command:?} made no steps after {warm_up} that warm up");
    }
    Ok(Steps { adapter, first, later })
}

#[derive(Default)]
struct Heard {
    adapter: Option<String>,
    /// Times since the start.
    ends: Vec<Duration>,
    last_lines: Vec<String>,
}

fn listen(
    mut child: Child,
    reader: PipeReader,
    started: Instant,
    event: impl Fn(&str) -> Option<Event>,
) -> Result<Heard> {
    let mut heard = Heard::default();
    for line in BufReader::new(reader).lines() {
        let line = line.context("cannot read the program's output")?;
        match event(&line) {
            Some(Event::Step) => heard.ends.push(started.elapsed()),
            Some(Event::Adapter(name)) => heard.adapter = Some(name),
            None => {
                heard.last_lines.push(line);
                let surplus = heard.last_lines.len().saturating_sub(LAST_LINES);
                heard.last_lines.drain(..surplus);
            }
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the program failed, {status}:\n{}", heard.last_lines.join("\n"));
    }
    Ok(heard)
}

/// The middle one, or the mean of the two in the middle.
///
/// # Panics
/// If there are none.
pub(super) fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    let middle = sorted.len() / 2;
    (sorted[middle] + sorted[(sorted.len() - 1) / 2]) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(line: &str) -> Option<Event> {
        match line.split_once(' ') {
            Some(("on", name)) => Some(Event::Adapter(name.to_owned())),
            Some(("step", _)) => Some(Event::Step),
            _ => None,
        }
    }

    fn shell(script: &str, warm_up: usize) -> Result<Steps> {
        time(Command::new("sh").args(["-c", script]), step, warm_up)
    }

    #[test]
    #[cfg(unix)]
    fn steps_are_counted_after_those_that_warm_up() {
        let steps = shell("echo on a b; for i in 1 2 3 4 5; do echo step $i >&2; done", 2).unwrap();
        assert_eq!((steps.adapter.as_str(), steps.later.len()), ("a b", 3));
        assert!(shell("echo on a; echo step 1; echo step 2", 2).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_failure_shows_what_was_printed_last() {
        let error = shell("echo on a; echo step 1; echo no memory; exit 3", 1).unwrap_err();
        assert!(format!("{error:#}").ends_with("no memory"), "{error:#}");
        let error = shell("echo nothing", 1).unwrap_err();
        assert!(format!("{error:#}").ends_with("nothing"), "{error:#}");
    }

    #[test]
    fn medians_of_odd_and_even_counts() {
        let median_of = |times: &[u64]| {
            let times: Vec<Duration> = times.iter().copied().map(Duration::from_secs).collect();
            median(&times).as_secs()
        };
        assert_eq!(median_of(&[9, 1, 3]), 3);
        assert_eq!(median_of(&[9, 1, 3, 5]), 4);
        assert_eq!(median_of(&[7]), 7);
    }
}
