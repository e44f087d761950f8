//! What a page says of a run in words and tables.

use crate::{
    preset_choice::kind_of_images,
    progress::duration,
    record::{DeviceRecord, Record, ResumedRecord, RollbackRecord},
    run_directory::RunDirectory,
};
use records::{
    history::History,
    number,
    page::{Fact, Progress, Table},
};
use serde_json::Value;
use std::time::Duration;

/// What of `options.json` is said elsewhere on the page.
const NOT_OPTIONS: [&str; 4] = ["device", "parent", "resumed", "rollbacks"];

pub(crate) fn name(run: &RunDirectory) -> String {
    let whole = run.path().canonicalize();
    let path = whole.as_deref().unwrap_or(run.path());
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

pub(crate) fn summary(record: &Record) -> String {
    let (preset, data) = (&record.preset, &record.data);
    let width = record.width.map(|width| format!(" of width {width}")).unwrap_or_default();
    let kind = kind_of_images([data.height, data.width], data.channels);
    format!("{preset}{width} on {}: {} images, {kind}", data.name, data.images)
}

pub(crate) fn progress(record: &Record, history: &History) -> Progress {
    let (kimg, asked) = (history.last("kimg").unwrap_or(0.0), record.kimg);
    let text = if kimg >= asked {
        format!("all {} kimg done", number(asked))
    } else {
        format!("{} of {} kimg", number(kimg), number(asked))
    };
    Progress { share: (kimg / asked).clamp(0.0, 1.0), text }
}

/// What one wants to know first.
pub(crate) fn first(record: &Record, history: &History) -> Vec<Fact> {
    let last = |key| history.last(key);
    let speed = Speeds::of(history).map(|speeds| format!("{} images/s", number(speeds.median)));
    let facts = [
        ("Images seen", last("kimg").map(|kimg| format!("{} kimg", number(kimg)))),
        ("Steps", last("step").map(number)),
        ("Time", last("seconds").map(time)),
        ("Speed", speed),
        ("Device", Some(record.last_device().name.clone())),
    ];
    let fact = |(name, value): (&str, Option<String>)| {
        value.map(|value| Fact { name: name.to_owned(), value })
    };
    facts.into_iter().filter_map(fact).collect()
}

pub(crate) fn notes(record: &Record, history: &History) -> Vec<String> {
    let parent = record.parent.as_ref().map(|parent| {
        format!("It began from step {} of {}.", parent.step, parent.checkpoint.display())
    });
    let none = (history.lines == 0).then(|| "The log has no line yet.".to_owned());
    let rollbacks = record.rollbacks.iter().map(|rollback| {
        let RollbackRecord { from_step, verdict, to_step, learning_rate, .. } = rollback;
        let ratio = rollback.discriminator_ratio;
        format!(
            "At step {from_step} it was judged as {verdict}, and went back to step {to_step}, from \
             where its learning rate is {learning_rate} and its discriminator ratio {ratio}."
        )
    });
    parent.into_iter().chain(rollbacks).chain(none).collect()
}

pub(crate) fn tables(record: &Record, history: &History) -> serde_json::Result<Vec<Table>> {
    let timings = timings(record, history);
    let timings = (!timings.rows.is_empty()).then_some(timings);
    Ok(timings.into_iter().chain([sessions(record), options(record)?]).collect())
}

pub(crate) fn footer(run: &RunDirectory, history: &History) -> String {
    let (version, path) = (env!("CARGO_PKG_VERSION"), run.path().display());
    format!("Made by Ganvas {version} of {path}, {} lines of its log.", history.lines)
}

fn options(record: &Record) -> serde_json::Result<Table> {
    let mut rows = Vec::new();
    if let Value::Object(entries) = serde_json::to_value(record)? {
        let options = entries.iter().filter(|(key, _)| !NOT_OPTIONS.contains(&key.as_str()));
        for (key, value) in options {
            match value {
                Value::Object(parts) => rows
                    .extend(parts.iter().map(|(part, value)| row(&format!("{key} {part}"), value))),
                value => rows.push(row(key, value)),
            }
        }
    }
    Ok(Table { title: "Options".to_owned(), head: Vec::new(), rows })
}

fn row(key: &str, value: &Value) -> Vec<String> {
    let value = match value {
        Value::Null => "not given".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        other => other.to_string(),
    };
    vec![key.replace('_', " "), value]
}

fn sessions(record: &Record) -> Table {
    let row = |from: String, ganvas: &str, device: &DeviceRecord| {
        vec![from, device.name.clone(), device.driver.clone(), ganvas.to_owned()]
    };
    let first = match &record.parent {
        // Its batch may have been another, so that only the step is known.
        Some(parent) => format!("(step {})", parent.step),
        None => "0".to_owned(),
    };
    let begun = row(first, &record.ganvas, &record.device);
    let resumed = record
        .resumed
        .iter()
        .map(|ResumedRecord { kimg, ganvas, device }| row(number(*kimg), ganvas, device));
    Table {
        title: "Sessions".to_owned(),
        head: ["from kimg", "device", "driver", "Ganvas"].map(str::to_owned).to_vec(),
        rows: [begun].into_iter().chain(resumed).collect(),
    }
}

fn timings(record: &Record, history: &History) -> Table {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: String| rows.push(vec![name.to_owned(), value]);
    if let Some(seconds) = history.last("seconds") {
        add("time of all sessions", time(seconds));
    }
    if let Some(Speeds { slowest, median, fastest }) = Speeds::of(history) {
        add("images a second, median line of the log", number(median));
        add("slowest and fastest line", format!("{}, {}", number(slowest), number(fastest)));
        add("a step at the median", format!("{} ms", number(record.batch as f64 / median * 1e3)));
        let left = record.kimg - history.last("kimg").unwrap_or(0.0);
        if left > 0.0 {
            add(&format!("left to {} kimg", number(record.kimg)), time(left * 1000.0 / median));
        }
    }
    Table { title: "Timings".to_owned(), head: Vec::new(), rows }
}

/// Images a second in the lines of the log.
struct Speeds {
    slowest: f64,
    median: f64,
    fastest: f64,
}

impl Speeds {
    fn of(history: &History) -> Option<Self> {
        let lines = history.number("images_per_second").iter().map(|line| line.value);
        let mut lines: Vec<f64> = lines.filter(|&speed| speed > 0.0).collect();
        lines.sort_by(f64::total_cmp);
        let (slowest, fastest) = (*lines.first()?, *lines.last()?);
        Some(Self { slowest, median: *lines.get(lines.len() / 2)?, fastest })
    }
}

fn time(seconds: f64) -> String {
    let time = Duration::try_from_secs_f64(seconds.max(0.0));
    time.map_or_else(|_| "very long".to_owned(), duration)
}
