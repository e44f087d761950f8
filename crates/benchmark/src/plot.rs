//! The roofline as a picture: what each kernel reaches at its arithmetic intensity, below what the
//! adapter can do (Williams, Waterman and Patterson 2009).

use crate::{
    ceilings::{Ceilings, CopyRate},
    kernels::is_product,
    report::{KernelRow, Report},
};
use plotters::{
    coord::{
        Shift,
        combinators::{IntoLogRange, LogCoord},
    },
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use std::ops::Range;

/// A picture that could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the plot cannot be drawn: {0}")]
pub struct PlotError(String);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plane = Cartesian2d<LogCoord<f64>, LogCoord<f64>>;

const SIZE: (u32, u32) = (1180, 720);
const CHART_WIDTH: u32 = 880;
const FONT: &str = "sans-serif";
const DOT: i32 = 5;
const GREY: RGBColor = RGBColor(165, 165, 165);
const DARK: RGBColor = RGBColor(50, 50, 50);

/// Okabe and Ito's colours, which are told apart with any sight.
const PRODUCTS: [(&str, RGBColor); 6] = [
    ("dense", RGBColor(230, 159, 0)),
    ("dense_grad_input", RGBColor(204, 121, 167)),
    ("dense_grad_weight", RGBColor(86, 180, 233)),
    ("conv2d", RGBColor(213, 94, 0)),
    ("conv_transpose2d", RGBColor(0, 114, 178)),
    ("conv2d_grad_weight", RGBColor(0, 158, 115)),
];

/// The roofline of a report's adapter with every kernel on it, as SVG.
///
/// # Errors
/// If there is nothing to draw.
pub fn roofline(report: &Report) -> Result<String, PlotError> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        draw(report, &area)?;
        area.present().map_err(failed)?;
    }
    Ok(svg)
}

fn draw(report: &Report, area: &Area<'_>) -> Result<(), PlotError> {
    let nothing = || PlotError("nothing was measured".to_owned());
    let ceilings = &report.ceilings;
    let [cache, memory] = ceilings.cache_and_memory().ok_or_else(nothing)?;
    let kernels: Vec<&KernelRow> = report.kernels.iter().filter(|row| row.flop > 0).collect();
    let (x, y) = extents(&kernels, ceilings, cache).ok_or_else(nothing)?;
    area.fill(&WHITE).map_err(failed)?;
    let title = format!("{}: every kernel under the roofline", report.adapter.name);
    let area = area.titled(&title, text(20)).map_err(failed)?;
    let (left, right) = area.split_horizontally(CHART_WIDTH);
    let mut chart = ChartBuilder::on(&left)
        .margin(12)
        .x_label_area_size(52)
        .y_label_area_size(72)
        .build_cartesian_2d(x.clone().log_scale(), y.clone().log_scale())
        .map_err(failed)?;
    chart
        .configure_mesh()
        .bold_line_style(BLACK.mix(0.12))
        .light_line_style(BLACK.mix(0.04))
        .axis_style(DARK)
        .label_style(text(14))
        .axis_desc_style(text(16))
        .x_desc("arithmetic intensity, FLOP per byte of the least traffic")
        .y_desc("GFLOP/s")
        .x_label_formatter(&plain)
        .y_label_formatter(&plain)
        .draw()
        .map_err(failed)?;
    roof(&mut chart, ceilings.arithmetic.gflops, (memory, Side::Below), (&x, &y))?;
    if cache != memory {
        roof(&mut chart, ceilings.arithmetic.gflops, (cache, Side::Above), (&x, &y))?;
    }
    let style = text(13).pos(Pos::new(HPos::Right, VPos::Bottom));
    let gflops = ceilings.arithmetic.gflops;
    let label = Text::new(format!("{gflops:.0} GFLOP/s"), (x.end / 1.1, gflops * 1.04), style);
    chart.draw_series([label]).map_err(failed)?;
    let (products, others): (Vec<&KernelRow>, Vec<&KernelRow>) =
        kernels.iter().partition(|row| is_product(&row.op));
    for row in others.into_iter().chain(products) {
        let point = (row.intensity, row.gflops.max(y.start));
        let dot = Circle::new(point, DOT, colour(&row.op).mix(0.75).filled());
        chart.draw_series([dot]).map_err(failed)?;
    }
    legend(&right, &kernels)
}

/// What both axes show: every kernel, and where the roof bends.
fn extents(
    kernels: &[&KernelRow],
    ceilings: &Ceilings,
    cache: &CopyRate,
) -> Option<(Range<f64>, Range<f64>)> {
    let all = |value: fn(&KernelRow) -> f64| kernels.iter().map(move |row| value(row));
    let decade = |value: f64| 10f64.powf(value.log10().floor());
    let roof = ceilings.arithmetic.gflops;
    let bend = roof / cache.gigabytes_per_second;
    let x =
        all(|row| row.intensity).reduce(f64::min)?..all(|row| row.intensity).fold(bend, f64::max);
    // Kernels that only wait for their dispatch are no reason to show many empty decades.
    let lowest = all(|row| row.gflops).reduce(f64::min)?.max(roof * 1e-4);
    Some((decade(x.start)..x.end * 3.0, decade(lowest)..roof * 3.0))
}

/// Where a slope's label is.
#[derive(Clone, Copy)]
enum Side {
    Above,
    Below,
}

/// The roof over one memory: its slope, then the arithmetic ceiling.
fn roof(
    chart: &mut ChartContext<'_, SVGBackend<'_>, Plane>,
    gflops: f64,
    (copy, side): (&CopyRate, Side),
    (x, y): (&Range<f64>, &Range<f64>),
) -> Result<(), PlotError> {
    let rate = copy.gigabytes_per_second;
    let start = x.start.max(y.start / rate);
    let line = [(start, start * rate), (gflops / rate, gflops), (x.end, gflops)];
    chart.draw_series([PathElement::new(line, DARK.stroke_width(2))]).map_err(failed)?;
    let name = format!("{} GB/s, copy of {} MiB", plain(&rate), copy.bytes >> 20);
    // Beside the slope, away from the other one.
    let (pos, shift) = match side {
        Side::Above => (Pos::new(HPos::Right, VPos::Bottom), 0.94),
        Side::Below => (Pos::new(HPos::Left, VPos::Top), 1.06),
    };
    let middle = (start * gflops / rate).sqrt();
    let label = Text::new(name, (middle * shift, middle * rate), text(13).pos(pos));
    chart.draw_series([label]).map(drop).map_err(failed)
}

/// Which colour is which op, and how many kernels of it there are.
fn legend(area: &Area<'_>, kernels: &[&KernelRow]) -> Result<(), PlotError> {
    let others = kernels.iter().filter(|row| !is_product(&row.op)).count();
    let products = PRODUCTS
        .iter()
        .map(|&(op, colour)| (op, colour, kernels.iter().filter(|row| row.op == op).count()));
    let entries = products.chain([("other kernels", GREY, others)]);
    for ((name, colour, count), line) in entries.filter(|(_, _, count)| *count > 0).zip(0..) {
        let y = 40 + 28 * line;
        area.draw(&Circle::new((18, y), DOT, colour.mix(0.75).filled())).map_err(failed)?;
        let style = text(15).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(format!("{name} ({count})"), (34, y), style)).map_err(failed)?;
    }
    Ok(())
}

fn colour(op: &str) -> RGBColor {
    PRODUCTS.iter().find(|(product, _)| *product == op).map_or(GREY, |(_, colour)| *colour)
}

fn text(size: u32) -> TextStyle<'static> {
    (FONT, size).into_font().color(&DARK)
}

/// As few digits as tell numbers apart that are a tenth apart.
fn plain(value: &f64) -> String {
    match *value {
        ..0.1 => format!("{value:.3}"),
        ..1.0 => format!("{value:.2}"),
        ..10.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn failed(error: impl std::fmt::Display) -> PlotError {
    PlotError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axis_labels_are_as_short_as_they_can_be() {
        let labels = [0.01, 0.1, 1.0, 10.0, 1000.0].map(|value| plain(&value));
        assert_eq!(labels, ["0.010", "0.10", "1.0", "10", "1000"]);
    }

    #[test]
    fn every_kernel_is_a_dot_and_every_colour_is_explained() {
        let report = crate::report::tests::example();
        let svg = roofline(&report).unwrap();
        let drawn = report.kernels.iter().filter(|row| row.flop > 0).count();
        let explained = 2;
        assert_eq!(svg.matches("<circle").count(), drawn + explained, "{svg}");
        for text in ["conv2d (1)", "other kernels (1)", "copy of 256 MiB", "GFLOP/s"] {
            assert!(svg.contains(text), "{text}");
        }
        let empty = Report { kernels: Vec::new(), ..report };
        assert!(roofline(&empty).is_err());
    }
}
