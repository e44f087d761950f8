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
pub(crate) const LEFT: f64 = 44.0;
pub(crate) const RIGHT: f64 = WIDTH - 10.0;
pub(crate) const TOP: f64 = 8.0;
pub(crate) const BOTTOM: f64 = HEIGHT - 24.0;

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
    /// How many lines of the log a point is the mean of, if not of one.
    pub(crate) averaged: Option<usize>,
    /// The numbers, as JSON, for the values under a pointer.
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
    fn labels(&self, start: f64, end: f64) -> Vec<Label> {
        let apart = rounded((self.end - self.start) / LABELS);
        let decimals = (-apart.log10().floor()).clamp(0.0, 12.0) as usize;
        let count = ((self.end - self.start) / apart) as usize + 1;
        let first = (self.start / apart).ceil();
        let values = (0..=count).map(|index| (first + index as f64) * apart);
        values
            .filter(|value| *value <= self.end + apart * 1e-9)
            .map(|value| {
                let text = match value.abs() {
                    1e6.. => number(value),
                    // Without the sign of a zero that was rounded to.
                    _ => format!("{:.decimals$}", value + 0.0),
                };
                Label { at: tenth(self.place(value, start, end)), text }
            })
            .collect()
    }
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
        let curves = chart.curves.iter().zip(&thinned);
        let data = json!({
            "x": [images.start, images.end],
            "y": [values.start, values.end],
            "box": [LEFT, TOP, RIGHT, BOTTOM],
            "curves": thinned.iter().map(|points| pairs(points)).collect::<Vec<_>>(),
        });
        Self {
            title: chart.title.clone(),
            lines: curves.map(|(curve, points)| line(curve, points, images, values)).collect(),
            vertical: values.labels(BOTTOM, TOP),
            horizontal: images.labels(LEFT, RIGHT),
            averaged: (each > 1).then_some(each),
            data: data.to_string(),
        }
    }
}

fn line(curve: &Curve, points: &[Point], images: Span, values: Span) -> Line {
    let corner = |point: &Point| {
        let x = images.place(point.kimg, LEFT, RIGHT);
        let y = values.place(point.value.clamp(-GREATEST, GREATEST), BOTTOM, TOP);
        format!("{},{}", tenth(x), tenth(y))
    };
    let mut corners: Vec<String> = points.iter().map(corner).collect();
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

fn pairs(points: &[Point]) -> Vec<[f64; 2]> {
    points.iter().map(|point| [six_digits(point.kimg), six_digits(point.value)]).collect()
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
        assert_eq!(data["curves"][0][0], json!([1.0, 1.0]));
    }
}
