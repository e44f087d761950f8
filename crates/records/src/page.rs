//! One HTML page of a run: pictures over time, curves, tables. It needs nothing but itself: styles,
//! script and pictures are in it, and its content security policy forbids all else, any other script
//! too. Without scripts it shows the last picture and every curve.

use crate::{
    charts::{self, Chart, title},
    history::{History, Stretch},
    leaves::number,
    plot::{self, Plot, Span},
};
use askama::Template;
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::time::Duration;

const STYLE: &str = include_str!("../templates/report.css");
const SCRIPT: &str = include_str!("../templates/report.js");
/// What a JPEG begins with.
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];
/// How many stretches of a text's course are shown at most.
const MOST_STRETCHES: usize = 40;

/// What a page shows.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The run's name.
    pub title: String,
    /// What it is, in a line.
    pub summary: String,
    /// How far it is.
    pub progress: Option<Progress>,
    /// What one wants to know first. The last of every text in the history is added.
    pub facts: Vec<Fact>,
    /// What a reader has to know besides.
    pub notes: Vec<String>,
    /// Pictures over time.
    pub pictures: Vec<Picture>,
    /// How long each of them stands where they are shown in turn.
    pub each: Duration,
    /// What the run learns from.
    pub reals: Option<Picture>,
    /// The run's numbers.
    pub history: History,
    /// What else there is to know.
    pub tables: Vec<Table>,
    /// Where all of it is from.
    pub footer: String,
}

/// How far a run is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// From 0 to 1.
    pub share: f64,
    /// In words.
    pub text: String,
}

/// A name and a value.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A PNG or a JPEG.
#[derive(Clone, Debug)]
pub struct Picture {
    /// What it shows.
    pub caption: String,
    /// After how many thousands of images, where that is known.
    pub kimg: Option<f64>,
    /// The file's bytes.
    pub image: Vec<u8>,
}

/// Rows of text.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What is above it.
    pub title: String,
    /// The columns' names; empty for none.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

/// A page that could not be put together.
#[derive(Debug, thiserror::Error)]
#[error("the page cannot be put together: {0}")]
pub struct PageError(#[from] askama::Error);

#[derive(Template)]
#[template(path = "report.html")]
struct Document<'a> {
    page: &'a Page,
    facts: Vec<Fact>,
    pictures: Vec<Embedded<'a>>,
    last_caption: &'a str,
    reals: Option<Embedded<'a>>,
    sections: Vec<Section>,
    style: &'a str,
    script: &'a str,
    script_hash: String,
    width: f64,
    height: f64,
    right: f64,
    each_milliseconds: u128,
}

struct Embedded<'a> {
    caption: &'a str,
    kimg: Option<f64>,
    kind: &'static str,
    base64: String,
}

struct Section {
    title: String,
    plots: Vec<Plot>,
    courses: Vec<Course>,
}

/// What a text was over time.
struct Course {
    title: String,
    rows: Vec<Row>,
}

struct Row {
    when: String,
    text: String,
}

impl Page {
    /// The page as HTML. What is in it is text: nothing of it is taken for HTML.
    ///
    /// # Errors
    /// [`PageError`] if the template cannot be filled.
    pub fn html(&self) -> Result<String, PageError> {
        // A parser takes both ends of lines for one, and the hash is of what it found.
        let script = SCRIPT.replace("\r\n", "\n");
        let latest = self.history.texts.iter().filter_map(|(path, stretches)| {
            let value = stretches.last()?.text.clone();
            Some(Fact { name: title(path.last()?), value })
        });
        let document = Document {
            page: self,
            facts: self.facts.iter().cloned().chain(latest).collect(),
            pictures: self.pictures.iter().map(Embedded::new).collect(),
            last_caption: self.pictures.last().map_or("", |picture| &picture.caption),
            reals: self.reals.as_ref().map(Embedded::new),
            sections: sections(&self.history),
            style: STYLE,
            script: &script,
            script_hash: STANDARD.encode(Sha256::digest(&script)),
            width: plot::WIDTH,
            height: plot::HEIGHT,
            right: plot::RIGHT,
            each_milliseconds: self.each.as_millis(),
        };
        Ok(document.render()?)
    }
}

impl<'a> Embedded<'a> {
    fn new(picture: &'a Picture) -> Self {
        let Picture { caption, kimg, image } = picture;
        let kind = if image.starts_with(&JPEG) { "jpeg" } else { "png" };
        Self { caption, kimg: *kimg, kind, base64: STANDARD.encode(image) }
    }
}

/// Charts, and the courses of texts with those of their object.
fn sections(history: &History) -> Vec<Section> {
    let charts = charts::sections(history);
    let every = || charts.iter().flat_map(|section| &section.charts);
    let images = Span::of_images(every());
    let plotted = charts.iter().map(|section| {
        let plots: Vec<Plot> =
            section.charts.iter().map(|chart: &Chart| Plot::new(chart, images)).collect();
        Section { title: section.title.clone(), plots, courses: Vec::new() }
    });
    let mut sections: Vec<Section> = plotted.collect();
    for (path, stretches) in &history.texts {
        let [object, ..] = path.as_slice() else { continue };
        let (object, course) = (title(object), Course::new(&path.join(" "), stretches));
        match sections.iter_mut().find(|section| section.title == object) {
            Some(section) => section.courses.push(course),
            None => {
                sections.push(Section { title: object, plots: Vec::new(), courses: vec![course] });
            }
        }
    }
    sections
}

impl Course {
    fn new(path: &str, stretches: &[Stretch]) -> Self {
        let row = |stretch: &Stretch| {
            let Stretch { from, to, text } = stretch;
            let when = match from == to {
                true => number(*from),
                false => format!("{} to {}", number(*from), number(*to)),
            };
            Row { when, text: text.clone() }
        };
        let left_out = stretches.len().saturating_sub(MOST_STRETCHES);
        let earlier = (left_out > 0).then(|| Row {
            when: "before".to_owned(),
            text: format!("{left_out} earlier changes"),
        });
        let rows = earlier.into_iter().chain(stretches.iter().skip(left_out).map(row)).collect();
        Self { title: title(path), rows }
    }
}

/// Which of some pictures to keep so that their bytes are at most `most`: as many as fit, evenly
/// spread, with the first and the last; the last in any case. `sizes` are their bytes.
pub fn spread(sizes: &[u64], most: u64) -> Vec<usize> {
    let Some(last) = sizes.len().checked_sub(1) else { return Vec::new() };
    let evenly = |count: usize| -> Vec<usize> {
        (0..count).map(|index| (index * last + (count - 1) / 2) / (count - 1)).collect()
    };
    let bytes = |indices: &[usize]| -> u64 {
        let sizes = indices.iter().filter_map(|&index| sizes.get(index));
        sizes.fold(0, |sum, size| sum.saturating_add(*size))
    };
    // One picture more or less shifts all, so that the most that fit are searched from above.
    let fitting = (2..=sizes.len()).rev().map(evenly).find(|indices| bytes(indices) <= most);
    fitting.unwrap_or_else(|| vec![last])
}

#[cfg(test)]
mod tests;
