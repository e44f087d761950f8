//! `ganvas data inspect`: what a source holds, and what training would make of it.

use super::{args::InspectArguments, progress_bar};
use crate::{
    exit::InputError,
    output::{event, show},
};
use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use gan::{
    data::{DataError, Inspection, Outcome, inspect, printable},
    networks::check_size,
};
use serde::Serialize;
use std::{fmt::Display, path::Path};

const COLUMNS: u16 = 80;
/// How much of a list is shown; JSON has all of it.
const MOST_SIZES: usize = 8;
const MOST_GROUPS: usize = 5;
const MOST_BAD: usize = 20;

/// Looks at all of it and prints what there is.
pub(super) fn inspect_source(arguments: &InspectArguments) -> anyhow::Result<()> {
    let InspectArguments { source, form, json } = arguments;
    let bar = progress_bar("reading images");
    let found = inspect(source, &form.preparation(), &|done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let found = found?;
    if json.json {
        event(&Report::new(source, &found));
    } else {
        show(table(source, &found).trim_fmt());
    }
    match found.outcome {
        Some(_) => Ok(()),
        None => Err(InputError::new(Path::new(source), "holds no image that can be read").into()),
    }
}

/// The JSON.
#[derive(Debug, Serialize)]
struct Report<'a> {
    source: &'a str,
    images: usize,
    formats: Vec<Count<String>>,
    modes: Vec<Count<String>>,
    sizes: Vec<Count<String>>,
    /// Groups of images with the same pixels.
    duplicates: Vec<Vec<String>>,
    bad: Vec<Bad>,
    other_files: usize,
    symbolic_links: usize,
    training: Option<Training>,
}

/// How many images are so.
#[derive(Debug, Serialize)]
struct Count<T> {
    is: T,
    images: usize,
}

#[derive(Debug, Serialize)]
struct Bad {
    path: String,
    problem: String,
}

#[derive(Debug, Serialize)]
struct Training {
    images: usize,
    width: usize,
    height: usize,
    channels: usize,
    notes: Vec<String>,
}

impl Training {
    fn new(outcome: &Outcome) -> Self {
        let Outcome { images, width, height, channels, .. } = *outcome;
        let refusal = check_size([height, width]).err();
        let refusal = refusal.map(|error| format!("is refused at this size: {error}"));
        let notes = refusal.into_iter().chain(outcome.notes.iter().cloned()).collect();
        Self { images, width, height, channels, notes }
    }
}

impl<'a> Report<'a> {
    fn new(source: &'a str, found: &'a Inspection) -> Self {
        let in_zip = format!("{source}: ");
        let path = |path: &Path| {
            let path = printable(&path.strip_prefix(source).unwrap_or(path).display());
            path.strip_prefix(&in_zip).map(str::to_owned).unwrap_or(path)
        };
        let bad = |DataError { path: at, problem }: &DataError| Bad {
            path: path(at),
            problem: problem.to_string(),
        };
        Self {
            source,
            images: found.images,
            formats: counts(&found.formats, ToString::to_string),
            modes: counts(&found.modes, ToString::to_string),
            sizes: counts(&found.sizes, |&[height, width]| format!("{width}x{height}")),
            duplicates: found
                .duplicates
                .iter()
                .map(|group| group.iter().map(|image| path(image)).collect())
                .collect(),
            bad: found.bad.iter().map(bad).collect(),
            other_files: found.left_out.others,
            symbolic_links: found.left_out.links,
            training: found.outcome.as_ref().map(Training::new),
        }
    }
}

/// The most frequent first.
fn counts<'a, T: 'a>(
    of: impl IntoIterator<Item = (&'a T, &'a usize)>,
    name: impl Fn(&T) -> String,
) -> Vec<Count<String>> {
    let counts = of.into_iter().map(|(of, &images)| Count { is: name(of), images });
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.images));
    counts
}

fn table(source: &str, found: &Inspection) -> Table {
    let report = Report::new(source, found);
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(COLUMNS);
    let mut line = |title: &str, text: String| {
        table.add_row([title.to_owned(), text]);
    };
    line("Source", source.to_owned());
    line("Images", report.images.to_string());
    line("Formats", in_words(&report.formats, usize::MAX));
    line("Modes", in_words(&report.modes, usize::MAX));
    line("Sizes", sizes(found, &report.sizes));
    line("Duplicates", duplicates(&report.duplicates));
    line("Bad files", bad_files(&report.bad));
    if report.other_files + report.symbolic_links > 0 {
        let count = |number: usize, what: &str| match number {
            1 => format!("1 {what}"),
            _ => format!("{number} {what}s"),
        };
        let others = count(report.other_files, "other file");
        line("Left out", format!("{others}, {}", count(report.symbolic_links, "symbolic link")));
    }
    line("Training", training(&report));
    table
}

fn in_words(counts: &[Count<String>], most: usize) -> String {
    let shown = counts.iter().take(most).map(|Count { is, images }| format!("{is} ({images})"));
    listed(shown, ", ", counts.len().saturating_sub(most))
}

fn sizes(found: &Inspection, counts: &[Count<String>]) -> String {
    let shown = in_words(counts, MOST_SIZES);
    let range = |axis: usize| {
        let extents = found.sizes.keys().map(|size| size[axis]);
        (extents.clone().min().unwrap_or(0), extents.max().unwrap_or(0))
    };
    let ((least_height, height), (least_width, width)) = (range(0), range(1));
    match counts.len() {
        0 | 1 => shown,
        _ => {
            format!("{shown}\nwidths {least_width} to {width}, heights {least_height} to {height}")
        }
    }
}

fn duplicates(groups: &[Vec<String>]) -> String {
    if groups.is_empty() {
        return "none".to_owned();
    }
    let more: usize = groups.iter().map(|group| group.len() - 1).sum();
    let shown = groups.iter().take(MOST_GROUPS).map(|group| group.join(" = "));
    let shown = listed(shown, "\n", groups.len().saturating_sub(MOST_GROUPS));
    format!("{more} images have the same pixels as an earlier one:\n{shown}")
}

fn bad_files(bad: &[Bad]) -> String {
    if bad.is_empty() {
        return "none".to_owned();
    }
    let shown = bad.iter().take(MOST_BAD).map(|Bad { path, problem }| format!("{path}: {problem}"));
    let shown = listed(shown, "\n", bad.len().saturating_sub(MOST_BAD));
    format!("{}; training stops at the first unless --skip-bad is given:\n{shown}", bad.len())
}

fn training(report: &Report<'_>) -> String {
    let Some(Training { images, width, height, channels, notes }) = &report.training else {
        return "is not possible: no image can be read".to_owned();
    };
    let colour = match channels {
        1 => "grey",
        3 => "colour",
        _ => "colour with transparency",
    };
    let first = format!("{images} images, {width}x{height} {colour}");
    listed([first].into_iter().chain(notes.iter().cloned()), "\n", 0)
}

fn listed(items: impl Iterator<Item = impl Display>, separator: &str, more: usize) -> String {
    let mut items: Vec<String> = items.map(|item| item.to_string()).collect();
    if more > 0 {
        items.push(format!("and {more} more"));
    }
    items.join(separator)
}
