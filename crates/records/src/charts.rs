//! Which numbers of a history share a chart, and which charts a section.
//!
//! The numbers that every run has are known by name. Any other is drawn too: an object of a line is
//! a section of its name, an object within it a chart, and two keys that differ in a last `_d` and
//! `_g` share one.

use crate::history::{History, Point};
use std::collections::BTreeMap;

/// Charts that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What is above them.
    pub title: String,
    /// The charts.
    pub charts: Vec<Chart>,
}

/// Curves on the same axes, over thousands of images.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What is above it.
    pub title: String,
    /// The curves.
    pub curves: Vec<Curve>,
    /// What the vertical axis shows.
    pub range: Range,
}

/// A number's course.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What it is called.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<Point>,
}

/// What a vertical axis shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// From the least value to the greatest.
    Values,
    /// From 0 to the greatest value.
    FromZero,
    /// From 0 to 1.
    Probability,
}

/// A chart of numbers that every run has: its title, and each number's key and name.
type Known = (&'static str, Range, &'static [(&'static str, &'static str)]);

const KNOWN: [Known; 3] = [
    ("Losses", Range::Values, &[("loss_d", "discriminator"), ("loss_g", "generator")]),
    (
        "Probability of being real",
        Range::Probability,
        &[("d_real", "D(x): reals"), ("d_fake", "D(G(z)): fakes")],
    ),
    ("Images a second", Range::FromZero, &[("images_per_second", "images/s")]),
];

/// Numbers that say when a line was written.
const AXES: [&str; 4] = ["kimg", "seconds", "step", "steps"];

/// The section of numbers that no object holds.
const OTHERS: &str = "Other numbers";

/// Everything that there is to draw.
pub fn sections(history: &History) -> Vec<Section> {
    let mut known: Vec<&str> = AXES.to_vec();
    let mut charts = Vec::new();
    for (title, range, numbers) in KNOWN {
        known.extend(numbers.iter().map(|(key, _)| key));
        let curves = numbers.iter().map(|(key, name)| Curve {
            name: (*name).to_owned(),
            points: history.number(key).to_vec(),
        });
        let curves: Vec<Curve> = curves.filter(|curve| !curve.points.is_empty()).collect();
        if !curves.is_empty() {
            charts.push(Chart { title: title.to_owned(), curves, range });
        }
    }
    let mut others: BTreeMap<String, BTreeMap<String, Vec<Curve>>> = BTreeMap::new();
    for (path, points) in &history.numbers {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        if matches!(path[..], [key] if known.contains(&key)) {
            continue;
        }
        let [section, chart, name] = place(&path);
        let curve = Curve { name, points: points.clone() };
        others.entry(section).or_default().entry(chart).or_default().push(curve);
    }
    let sections = others.into_iter().map(|(title, charts)| {
        let chart = |(title, curves)| Chart { title, curves, range: Range::Values };
        Section { title, charts: charts.into_iter().map(chart).collect() }
    });
    let curves = (!charts.is_empty()).then(|| Section { title: "Curves".to_owned(), charts });
    curves.into_iter().chain(sections).collect()
}

/// Section, chart and curve of a number that is not known by name.
fn place(path: &[&str]) -> [String; 3] {
    match path {
        [key] => paired(OTHERS, key),
        [section, key] => paired(&title(section), key),
        [section, chart @ .., name] => [title(section), title(&chart.join(" ")), words(name)],
        [] => paired(OTHERS, ""),
    }
}

fn paired(section: &str, key: &str) -> [String; 3] {
    let sides = [("_d", "discriminator"), ("_g", "generator")];
    let side = sides.iter().find_map(|(end, name)| Some((key.strip_suffix(end)?, *name)));
    let (chart, name) = side.map_or((key, words(key)), |(stem, name)| (stem, name.to_owned()));
    [section.to_owned(), title(chart), name]
}

/// A key as words.
pub(crate) fn words(key: &str) -> String {
    key.replace('_', " ")
}

/// A key as words that begin with a capital.
pub(crate) fn title(key: &str) -> String {
    let words = words(key);
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
    first.unwrap_or_default() + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chart's title and its curves' names.
    type Named = (String, Vec<String>);

    fn drawn(text: &str) -> Vec<(String, Vec<Named>)> {
        let names = |chart: Chart| {
            (chart.title, chart.curves.into_iter().map(|curve| curve.name).collect())
        };
        let sections = sections(&History::read(text)).into_iter();
        sections.map(|s| (s.title, s.charts.into_iter().map(names).collect())).collect()
    }

    fn chart(title: &str, curves: &[&str]) -> Named {
        (title.to_owned(), curves.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn what_every_run_has_comes_first_by_its_names() {
        let line = "{\"step\":1,\"steps\":1,\"kimg\":1,\"seconds\":2,\"loss_d\":1,\"loss_g\":2,\
                    \"d_fake\":0.5,\"images_per_second\":3}";
        let expected = [
            chart("Losses", &["discriminator", "generator"]),
            chart("Probability of being real", &["D(G(z)): fakes"]),
            chart("Images a second", &["images/s"]),
        ];
        assert_eq!(drawn(line), [("Curves".to_owned(), expected.to_vec())]);
    }

    #[test]
    fn numbers_of_unknown_keys_have_their_sections() {
        let line = "{\"kimg\":1,\"grad_norm_d\":1,\"grad_norm_g\":2,\"memory\":3,\
                    \"health\":{\"diversity\":4,\"norm_g\":5,\"verdict\":\"fine\"},\
                    \"metrics\":{\"fd\":{\"value\":6,\"floor\":7}}}";
        let expected = [
            ("Health", vec![chart("Diversity", &["diversity"]), chart("Norm", &["generator"])]),
            ("Metrics", vec![chart("Fd", &["floor", "value"])]),
            (
                OTHERS,
                vec![
                    chart("Grad norm", &["discriminator", "generator"]),
                    chart("Memory", &["memory"]),
                ],
            ),
        ];
        assert_eq!(drawn(line), expected.map(|(title, charts)| (title.to_owned(), charts)));
    }

    #[test]
    fn no_lines_have_no_sections() {
        assert_eq!(drawn(""), []);
    }
}
