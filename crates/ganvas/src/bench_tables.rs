//! What `ganvas bench` prints.

use crate::output::show;
use benchmark::{
    ceilings::Ceilings,
    report::{KernelRow, Report},
    step::Workload,
};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets::ASCII_MARKDOWN};

/// Columns of a terminal that tables fit into.
const WIDTH: u16 = 100;

/// Prints what the adapter can do.
pub(crate) fn print_ceilings(ceilings: &Ceilings) {
    let arithmetic = &ceilings.arithmetic;
    let mut table = table(&["ceiling", "", "by"]);
    table.add_row([
        "f32 arithmetic".to_owned(),
        format!("{} GFLOP/s", digits(arithmetic.gflops)),
        format!("{}, workgroups of {}", arithmetic.form, arithmetic.workgroup),
    ]);
    for copy in &ceilings.copies {
        table.add_row([
            format!("copy, {} MiB", copy.bytes >> 20),
            format!("{} GB/s", digits(copy.gigabytes_per_second)),
            format!("{} bytes each, workgroups of {}", 16 * copy.quads, copy.workgroup),
        ]);
    }
    table.add_row(["dispatch".to_owned(), time(ceilings.dispatch_seconds), String::new()]);
    let host = "the host's clock".to_owned();
    table.add_row(["submission".to_owned(), time(ceilings.submission_seconds), host]);
    align(&mut table, &[1]);
    show(format_args!("\n{table}"));
    show(format_args!("Times are by {}.", clock_in_words(&ceilings.clock)));
}

fn clock_in_words(clock: &str) -> &'static str {
    match clock {
        "timestamps" => "the adapter's timestamps",
        _ => "the host's clock, less the cost of a submission",
    }
}

/// Prints the kernels of one training step, in the step's order.
pub(crate) fn print_kernels(workload: Workload, rows: &[KernelRow], ceilings: &Ceilings) {
    let Workload { preset, batch } = workload;
    show(format_args!("\n{preset}, batch {batch}: every different kernel of a training step"));
    print_rows(rows, ceilings);
    show("n: times a step.");
}

/// Prints the product of two square matrices.
pub(crate) fn print_product(row: &KernelRow, ceilings: &Ceilings) {
    show("\nThe product of two matrices of 512 x 512");
    print_rows(std::slice::from_ref(row), ceilings);
}

fn print_rows(rows: &[KernelRow], ceilings: &Ceilings) {
    let mut table = table(&["kernel: variant, shapes", "n", "time", "GFLOP/s", "GB/s", "roof"]);
    for row in rows {
        let tiny = row.time.seconds < 3.0 * ceilings.dispatch_seconds;
        let share = if tiny { "launch".to_owned() } else { percent(row.roofline_share) };
        table.add_row([
            format!("{}: {}\n  {}", row.name(), variants(row), folded(&row.shapes)),
            row.count.to_string(),
            time(row.time.seconds),
            digits(row.gflops),
            digits(row.gigabytes_per_second),
            share,
        ]);
    }
    align(&mut table, &[1, 2, 3, 4, 5]);
    show(&table);
    show("roof: share of what the ceilings allow; launch: too short to tell.");
    if rows.iter().any(|row| row.time.clock != ceilings.clock) {
        let clock = clock_in_words(if ceilings.clock == "host" { "timestamps" } else { "host" });
        show(format_args!("Some of these are by {clock}."));
    }
}

/// Shapes with repeats counted: `64 64 64 > 64` is `64 (3) > 64`.
fn folded(shapes: &str) -> String {
    let mut folded: Vec<(&str, usize)> = Vec::new();
    for shape in shapes.split(' ') {
        match folded.last_mut() {
            Some((last, count)) if *last == shape => *count += 1,
            _ => folded.push((shape, 1)),
        }
    }
    let counted = folded.iter().map(|&(shape, count)| match count {
        1 => shape.to_owned(),
        _ => format!("{shape} ({count})"),
    });
    counted.collect::<Vec<_>>().join(" ")
}

/// Each different one, without the op's name where it is the kernel's own.
fn variants(row: &KernelRow) -> String {
    let mut names: Vec<&str> = Vec::new();
    for variant in &row.variants {
        let name = variant.strip_prefix(row.op.as_str()).unwrap_or(variant).trim();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// Prints whole steps.
pub(crate) fn print_steps(report: &Report) {
    if report.steps.is_empty() {
        return;
    }
    let columns =
        ["training step", "time", "images/s", "dispatches", "GFLOP", "GFLOP/s", "kernels"];
    let mut table = table(&columns);
    for step in &report.steps {
        let of_step = |row: &&KernelRow| row.preset == step.preset && row.batch == step.batch;
        let alone = report.kernels.iter().filter(of_step);
        let alone: f64 = alone.map(|row| row.time.seconds * row.count as f64).sum();
        table.add_row([
            format!("{}, batch {}", step.preset, step.batch),
            time(step.time.seconds),
            digits(step.images_per_second),
            step.dispatches.to_string(),
            digits(step.flop as f64 * 1e-9),
            digits(step.gflops),
            time(alone),
        ]);
    }
    align(&mut table, &[1, 2, 3, 4, 5, 6]);
    show(format_args!("\n{table}"));
    show("kernels: the times of a step's kernels alone, added up.");
}

/// Prints each time against an earlier one.
pub(crate) fn print_comparison(now: &Report, before: &Report) {
    let Report { adapter, ganvas, .. } = before;
    show(format_args!("\nAgainst {} ({}), Ganvas {ganvas}:", adapter.name, adapter.driver));
    let mut table = table(&["", "before", "now", "speed-up"]);
    let mut row = |name: String, before: f64, now: f64| {
        table.add_row([name, time(before), time(now), format!("{:.2}", before / now)]);
    };
    for kernel in &now.kernels {
        let same = |other: &&KernelRow| {
            (&other.preset, other.batch) == (&kernel.preset, kernel.batch)
                && (other.name(), &other.shapes) == (kernel.name(), &kernel.shapes)
        };
        if let Some(earlier) = before.kernels.iter().find(same) {
            let name = format!("{} {}\n  {}", kernel.preset, kernel.name(), folded(&kernel.shapes));
            row(name, earlier.time.seconds, kernel.time.seconds);
        }
    }
    for step in &now.steps {
        let mut earlier = before.steps.iter();
        let same = earlier.find(|s| (&s.preset, s.batch) == (&step.preset, step.batch));
        if let Some(earlier) = same {
            let name = format!("{} step, batch {}", step.preset, step.batch);
            row(name, earlier.time.seconds, step.time.seconds);
        }
    }
    if table.row_count() == 0 {
        show("Nothing that was measured now is in that file.");
        return;
    }
    align(&mut table, &[1, 2, 3]);
    show(table);
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(header);
    table
}

fn align(table: &mut Table, columns: &[usize]) {
    for &column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Three digits, and no more than that many behind the point.
fn digits(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn percent(share: f64) -> String {
    if share < 0.1 { format!("{:.1} %", share * 100.0) } else { format!("{:.0} %", share * 100.0) }
}

/// In the unit that needs no zeros.
fn time(seconds: f64) -> String {
    match seconds {
        ..1e-3 => format!("{} µs", digits(seconds * 1e6)),
        ..1.0 => format!("{} ms", digits(seconds * 1e3)),
        _ => format!("{} s", digits(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_and_times_a_fitting_unit() {
        assert_eq!(
            [0.0123, 1.234, 12.34, 123.4, 1234.5].map(digits),
            ["0.01", "1.23", "12.3", "123", "1234"]
        );
        assert_eq!(
            [1.5e-6, 2.5e-4, 0.0123, 1.5].map(time),
            ["1.50 µs", "250 µs", "12.3 ms", "1.50 s"]
        );
        assert_eq!([0.001, 0.057, 0.42, 1.2].map(percent), ["0.1 %", "5.7 %", "42 %", "120 %"]);
    }
}
