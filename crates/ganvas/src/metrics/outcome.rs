//! What was measured, as a table or as JSON.

use super::judge::Judge;
use crate::output::show;
use ::metrics::{Report, Score};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use serde_json::{Map, Value, json};

/// A report and the network that it was made with.
pub(crate) struct Outcome<'a> {
    pub(crate) report: Report,
    pub(crate) judge: &'a Judge,
}

/// What a score means.
fn meaning(name: &str) -> &'static str {
    match name {
        "fd" => "Fréchet distance; lower is nearer",
        "kid" => "kernel distance; lower is nearer",
        "precision" => "share of images that look real",
        "recall" => "share of real images that could be drawn",
        "density" => "how densely real images are met; 1 as reals",
        "coverage" => "share of real images that something is near to",
        "modes" => "classes that are drawn",
        "label_kl" => "how unevenly, in nats; lower is evener",
        _ => "",
    }
}

impl Outcome<'_> {
    /// Prints a table.
    pub(crate) fn print(&self) {
        let Report { images, reals, floor_images: [first, second], .. } = self.report;
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header(["score", "value", "floor", ""]);
        for (name, Score { value, floor }) in &self.report.scores {
            let [value, floor] = [*value, *floor].map(|value| number(name, value));
            table.add_row([name, value.as_str(), floor.as_str(), meaning(name)]);
        }
        for place in [1, 2] {
            if let Some(column) = table.column_mut(place) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        show(format_args!("\n{images} images against {reals} real ones"));
        show(table);
        show(format_args!("floor: {first} real images against {second} others"));
        if let Some(histogram) = &self.report.histogram {
            let classes = self.judge.network.classes().iter().zip(histogram);
            let classes: Vec<String> =
                classes.map(|(class, count)| format!("{class}: {count}")).collect();
            show(format_args!("images by class: {}", classes.join(", ")));
        }
    }

    /// All of it for programs.
    pub(crate) fn to_json(&self) -> Value {
        let Report { images, reals, floor_images, classes, ref histogram, .. } = self.report;
        let names = self.judge.network.classes();
        let by_class = histogram.as_ref().map(|histogram| {
            let counts = names.iter().cloned().zip(histogram.iter().map(|&count| json!(count)));
            counts.collect::<Map<String, Value>>()
        });
        json!({
            "images": images,
            "reals": reals,
            "floor_images": floor_images,
            "features": self.judge.to_json(),
            "classes": classes,
            "images_by_class": by_class,
            "scores": self.scores(),
        })
    }

    /// Each score with its floor.
    pub(crate) fn scores(&self) -> Map<String, Value> {
        let scores = self.report.scores.iter();
        scores.map(|&(name, score)| (name.to_owned(), json!(score))).collect()
    }
}

/// With as many digits as are of use.
fn number(name: &str, value: f64) -> String {
    match name {
        "modes" => format!("{value:.0}"),
        "kid" | "label_kl" => format!("{value:.4}"),
        _ => format!("{value:.3}"),
    }
}
