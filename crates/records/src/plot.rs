//! A chart as places in a drawing.

use crate::{
    charts::{Chart, Curve, Range},
    history::Point,
    leaves::number,
};
use serde_json::json;

/// A drawing's size, in its own units: about the pixels of a column on a phone.
pub(crate) const WIDTH: f64 = 400.0;
pub(crate) const HEIGHT: f64 = 220.0;
pub(crate) const RIGHT: f64 = WIDTH - 10.0;
pub(crate) const TOP: f64 = 8.0;
pub(crate) const BOTTOM: f64 = HEIGHT - 24.0;
/// Least room for the labels of the vertical axis.
const LEFT: f64 = 44.0;
/// The width of a label's character, at most.
const CHARACTER: f64 = 7.0;
/// Between a label and what it is beside.
const GAP: f64 = 6.0;

/// Points of a curve at most; each is the mean of several where there are more.
const MOST_POINTS: usize = 600;
/// Labels on an axis, about.
const LABELS: f64 = 5.0;
/// Free room above and below a curve, as a share of its height.
const ROOM: f64 = 0.06;
/// What no sensible number reaches, and sums of a few do not overflow.
const GREATEST: f64 = 1e300;

/// A chart with all that has to be drawn.
pub(crate) struct Plot {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) vertical: Vec<Label>,
    pub(crate) horizontal: Vec<Label>,
    /// What the vertical labels are multiplied by, as `×10⁶`; empty for 1.
    pub(crate) scale: String,
    /// Where the vertical axis stands, right of its labels.
    pub(crate) left: f64,
    /// How many lines of the log a point is the mean of, if not of one.
    pub(crate) averaged: Option<usize>,
    /// The numbers and their texts, as JSON, for the values under a pointer.
    pub(crate) data: String,
}

/// A curve.
pub(crate) struct Line {
    pub(crate) name: String,
    /// Its last value.
    pub(crate) last: String,
    /// Its corners, as SVG's `points` has them.
    pub(crate) corners: String,
}

/// A mark on an axis.
pub(crate) struct Label {
    pub(crate) at: f64,
    pub(crate) text: String,
}

/// From its start to its end, which is greater.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) start: f64,
    pub(crate) end: f64,
}

impl Span {
    /// What the horizontal axes of all charts show: all images seen, or those since a run began that
    /// went on from another.
    pub(crate) fn of_images<'a>(charts: impl Iterator<Item = &'a Chart>) -> Self {
        let points = charts.flat_map(|chart| &chart.curves).flat_map(|curve| &curve.points);
        let (first, last) = bounds(points.map(|point| point.kimg)).unwrap_or((0.0, 1.0));
        let start = if first > last / 2.0 && first < last { first } else { 0.0_f64.min(first) };
        Self { start, end: if last > start { last } else { start + 1.0 } }
    }

    fn of_values(chart: &Chart) -> Self {
        let values = chart.curves.iter().flat_map(|curve| &curve.points).map(|point| point.value);
        let (least, greatest) = bounds(values).unwrap_or((0.0, 1.0));
        match chart.range {
            Range::Probability => Self { start: least.min(0.0), end: greatest.max(1.0) },
            Range::FromZero => Self::with_room(least.min(0.0), greatest),
            Range::Values => Self::with_room(least, greatest),
        }
    }

    fn with_room(least: f64, greatest: f64) -> Self {
        let room = match greatest - least {
            0.0 if greatest == 0.0 => 1.0,
            0.0 => greatest.abs() / 2.0,
            height => height * ROOM,
        };
        let start = if least >= 0.0 { (least - room).max(0.0) } else { least - room };
        Self { start, end: greatest + room }
    }

    /// Where a value is between two places.
    fn place(&self, value: f64, start: f64, end: f64) -> f64 {
        start + (value - self.start) / (self.end - self.start) * (end - start)
    }

    /// Round values in it, the same apart.
    fn round_values(&self) -> (Vec<f64>, f64) {
        let apart = rounded((self.end - self.start) / LABELS);
        let count = ((self.end - self.start) / apart) as usize + 1;
        let first = (self.start / apart).ceil();
        let values = (0..=count).map(|index| (first + index as f64) * apart);
        (values.filter(|value| *value <= self.end + apart * 1e-9).collect(), apart)
    }

    /// Those labels that a span has between two places, all multiplied by the same power of ten.
    fn labels(&self, power: i32, start: f64, end: f64) -> Vec<Label> {
        let (values, apart) = self.round_values();
        let unit = 10_f64.powi(power);
        let decimals = (-(apart / unit).log10().floor()).clamp(0.0, 15.0) as usize;
        let label = |value: f64| Label {
            at: tenth(self.place(value, start, end)),
            // Without the sign of a zero that was rounded to.
            text: format!("{:.decimals$}", value / unit + 0.0),
        };
        values.into_iter().map(label).collect()
    }

    /// The power of ten that labels are multiplied by: 0 unless they are very large or very small.
    fn power(&self) -> i32 {
        let greatest = self.start.abs().max(self.end.abs());
        match greatest {
            1e-2..1e5 => 0,
            _ => (greatest.log10() / 3.0).floor() as i32 * 3,
        }
    }
}

/// `×10⁶`, or nothing for 10⁰.
fn scale(power: i32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised = |sign: char| sign.to_digit(10).map_or('⁻', |digit| digits[digit as usize]);
    match power {
        0 => String::new(),
        power => format!("×10{}", power.to_string().chars().map(raised).collect::<String>()),
    }
}

/// Moves labels that would reach beyond the right end.
fn inside(labels: Vec<Label>) -> Vec<Label> {
    let moved = |label: Label| {
        let half = label.text.chars().count() as f64 * CHARACTER / 2.0;
        Label { at: label.at.min(WIDTH - half), ..label }
    };
    labels.into_iter().map(moved).collect()
}

/// 1, 2, 5 or 10 times a power of ten, the least that is not much less.
fn rounded(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let round = [1.0, 2.0, 5.0].into_iter().find(|round| round * power >= value * 0.75);
    round.unwrap_or(10.0) * power
}

/// The least and the greatest.
fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let values = values.map(|value| value.clamp(-GREATEST, GREATEST));
    values.fold(None, |bounds, value| {
        let (least, greatest) = bounds.unwrap_or((value, value));
        Some((least.min(value), greatest.max(value)))
    })
}

impl Plot {
    /// Draws a chart over the images of a span.
    pub(crate) fn new(chart: &Chart, images: Span) -> Self {
        let values = Span::of_values(chart);
        let most = chart.curves.iter().map(|curve| curve.points.len()).max().unwrap_or(0);
        let each = most.div_ceil(MOST_POINTS).max(1);
        let thinned: Vec<Vec<Point>> =
            chart.curves.iter().map(|curve| thin(&curve.points, each)).collect();
        let power = values.power();
        let vertical = values.labels(power, BOTTOM, TOP);
        let longest = vertical.iter().map(|label| label.text.chars().count()).max().unwrap_or(0);
        let left = (longest as f64 * CHARACTER + GAP).max(LEFT);
        let curves = chart.curves.iter().zip(&thinned);
        let data = json!({
            "x": [images.start, images.end],
            "y": [values.start, values.end],
            "box": [left, TOP, RIGHT, BOTTOM],
            "curves": thinned.iter().map(|points| spots(points)).collect::<Vec<_>>(),
        });
        let place = |point: &Point| {
            let x = images.place(point.kimg, left, RIGHT);
            let y = values.place(point.value.clamp(-GREATEST, GREATEST), BOTTOM, TOP);
            format!("{},{}", tenth(x), tenth(y))
        };
        Self {
            title: chart.title.clone(),
            lines: curves
                .map(|(curve, points)| line(curve, points.iter().map(place).collect()))
                .collect(),
            vertical,
            horizontal: inside(images.labels(0, left, RIGHT)),
            scale: scale(power),
            left,
            averaged: (each > 1).then_some(each),
            data: data.to_string(),
        }
    }
}

fn line(curve: &Curve, mut corners: Vec<String>) -> Line {
    // A line of no length is a dot.
    if let [only] = corners.as_slice() {
        corners.push(only.clone());
    }
    let last = curve.points.last().map_or(String::new(), |point| number(point.value));
    Line { name: curve.name.clone(), last, corners: corners.join(" ") }
}

/// The means of so many points after one another.
fn thin(points: &[Point], each: usize) -> Vec<Point> {
    let mean = |points: &[Point]| {
        let mean = |of: fn(&Point) -> f64| {
            points.iter().map(|point| of(point) / points.len() as f64).sum::<f64>()
        };
        Point { kimg: mean(|point| point.kimg), value: mean(|point| point.value) }
    };
    points.chunks(each).map(mean).collect()
}

/// Where each point is, and its value in words.
fn spots(points: &[Point]) -> Vec<(f64, f64, String)> {
    let spot =
        |point: &Point| (six_digits(point.kimg), six_digits(point.value), number(point.value));
    points.iter().map(spot).collect()
}

fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

fn tenth(place: f64) -> f64 {
    (place * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(range: Range, points: &[(f64, f64)]) -> Chart {
        let points = points.iter().map(|&(kimg, value)| Point { kimg, value }).collect();
        let curves = vec![Curve { name: "a".to_owned(), points }];
        Chart { title: "A".to_owned(), curves, range }
    }

    fn plot(range: Range, points: &[(f64, f64)]) -> Plot {
        let chart = chart(range, points);
        Plot::new(&chart, Span::of_images([&chart].into_iter()))
    }

    fn texts(labels: &[Label]) -> Vec<&str> {
        labels.iter().map(|label| label.text.as_str()).collect()
    }

    #[test]
    fn curves_fill_their_axes() {
        let plot = plot(Range::Probability, &[(0.0, 0.0), (10.0, 1.0), (20.0, 0.5)]);
        assert_eq!(plot.lines[0].corners, "44,196 217,8 390,102");
        assert_eq!(plot.lines[0].last, "0.5000");
        assert_eq!(texts(&plot.horizontal), ["0", "5", "10", "15", "20"]);
        assert_eq!(texts(&plot.vertical), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    }

    #[test]
    fn axes_have_few_round_labels_whatever_the_numbers() {
        for greatest in [1e-7, 0.031, 1.0, 64.0, 999.0, 123_456.0, 7e9, 1e300] {
            for range in [Range::Values, Range::FromZero] {
                let plot = plot(range, &[(1.0, 0.0), (2.0, greatest), (300.0, greatest / 3.0)]);
                let labels = texts(&plot.vertical);
                assert!((2..=7).contains(&labels.len()), "{greatest}: {labels:?}");
                let inside = |label: &Label| (TOP..=BOTTOM).contains(&label.at);
                assert!(plot.vertical.iter().all(inside), "{greatest}: {labels:?}");
                assert!(!plot.lines[0].corners.contains("NaN"));
            }
        }
    }

    #[test]
    fn labels_differ_and_have_room_whatever_the_numbers() {
        for (points, scale, labels) in [
            ([(0.0, 1e-5), (9.0, 5e-5)], "×10⁻⁶", vec!["10", "20", "30", "40", "50"]),
            ([(0.0, 0.0), (9.0, 3e5)], "×10³", vec!["0", "50", "100", "150", "200", "250", "300"]),
            (
                [(0.0, 24_500_010.0), (9.0, 24_500_490.0)],
                "×10⁶",
                vec!["24.5000", "24.5001", "24.5002", "24.5003", "24.5004", "24.5005"],
            ),
            ([(0.0, -0.4), (9.0, 0.5)], "", vec!["-0.4", "-0.2", "0.0", "0.2", "0.4"]),
        ] {
            let plot = plot(Range::Values, &points);
            assert_eq!((texts(&plot.vertical), plot.scale.as_str()), (labels, scale));
            let longest = plot.vertical.iter().map(|label| label.text.len()).max().unwrap();
            assert!(plot.left >= 7.0 * longest as f64 + 6.0, "{} for {longest}", plot.left);
            assert!(plot.lines[0].corners.starts_with(&format!("{},", plot.left)));
        }
        let long = plot(Range::Values, &[(0.0, 0.0), (300_000.0, 1.0)]);
        let last = long.horizontal.last().unwrap();
        assert_eq!(last.text, "300000");
        assert!(last.at + 7.0 * 3.0 <= WIDTH, "{}", last.at);
    }

    #[test]
    fn one_point_is_a_dot_and_flat_curves_are_in_the_middle() {
        assert_eq!(plot(Range::Values, &[(5.0, 3.0)]).lines[0].corners, "390,102 390,102");
        let flat = plot(Range::Values, &[(0.0, 0.0), (1.0, 0.0)]);
        assert!(flat.lines[0].corners.starts_with("44,196"), "{}", flat.lines[0].corners);
        assert!(!plot(Range::Values, &[(1.0, f64::MAX), (2.0, -f64::MAX)]).data.contains("null"));
    }

    #[test]
    fn a_run_that_went_on_from_another_begins_where_it_did() {
        let images = |points| Span::of_images([&chart(Range::Values, points)].into_iter());
        assert_eq!(images(&[(301.0, 1.0), (400.0, 1.0)]), Span { start: 301.0, end: 400.0 });
        assert_eq!(images(&[(1.0, 1.0), (400.0, 1.0)]), Span { start: 0.0, end: 400.0 });
    }

    #[test]
    fn many_points_are_averaged() {
        let many: Vec<(f64, f64)> = (0..1201).map(|i| (f64::from(i), f64::from(i % 3))).collect();
        let plot = plot(Range::Values, &many);
        assert_eq!(plot.averaged, Some(3));
        assert_eq!(plot.lines[0].corners.split(' ').count(), 401);
        assert_eq!(plot.lines[0].last, "0");
        let data: serde_json::Value = serde_json::from_str(&plot.data).unwrap();
        assert_eq!(data["curves"][0][0], json!([1.0, 1.0, "1"]));
    }
}
