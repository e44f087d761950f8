//! What `ganvas doctor` found, as tables, as words and as JSON.

use crate::{args::DoctorArguments, devices::DeviceRow, progress::say};
use anyhow::Context;
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use gan::files::write_atomic;
use serde::Serialize;
use std::{collections::BTreeMap, path::Path, time::Duration};
use verification::{Effect, Findings, Level, Tally};

/// The report's file.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    ganvas: &'static str,
    level: Level,
    device: &'a DeviceRow,
    seconds: f64,
    held: bool,
    cases: u64,
    failed: u64,
    #[serde(flatten)]
    findings: &'a Findings,
    /// Seconds of each part; several run at once.
    parts: &'a BTreeMap<String, f64>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(
        level: Level,
        device: &'a DeviceRow,
        took: Duration,
        parts: &'a BTreeMap<String, f64>,
        findings: &'a Findings,
    ) -> Self {
        let Tally { cases, failed, .. } = findings.total();
        let (ganvas, held) = (env!("CARGO_PKG_VERSION"), findings.held());
        let seconds = took.as_secs_f64();
        Self { ganvas, level, device, seconds, held, cases, failed, findings, parts }
    }

    /// Writes it, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        write_atomic(path, format!("{text}\n").as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Prints the tables.
pub(crate) fn print_tables(findings: &Findings, arguments: &DoctorArguments) {
    if !findings.ops.is_empty() {
        say(format_args!("\n{}", ops(findings, arguments)));
    }
    if !findings.steps.is_empty() {
        say("\nA training step, kernel by kernel and in one submission:");
        say(steps(findings));
    }
    if !findings.laws.is_empty() {
        let laws = findings.laws.iter().map(|(name, tally)| match tally.failed {
            0 => format!("{name} ({})", tally.cases),
            failed => format!("{name} ({failed} of {} FAILED)", tally.cases),
        });
        say(format_args!("\nLaws: {}", laws.collect::<Vec<_>>().join(", ")));
    }
    if findings.without_checks.cases > 0 || !findings.traps.is_empty() {
        say("\nTraps:");
        say(traps(findings));
    }
}

fn ops(findings: &Findings, arguments: &DoctorArguments) -> Table {
    let mut table = tallies(if arguments.variants { "kernel and variant" } else { "kernel" });
    for op in in_order(findings) {
        let Some(variants) = findings.ops.get(op) else { continue };
        if arguments.variants {
            for (variant, tally) in variants {
                row(&mut table, &format!("{op} {variant}"), tally);
            }
        } else {
            row(&mut table, op, &sum(variants));
        }
    }
    table
}

/// The ops that were compared, in the order of [`graph::Op`].
fn in_order(findings: &Findings) -> Vec<&str> {
    let place = |op: &str| graph::Op::KERNELS.iter().position(|kernel| *kernel == op);
    let mut ops: Vec<&str> = findings.ops.keys().map(String::as_str).collect();
    ops.sort_by_key(|op| place(op));
    ops
}

fn steps(findings: &Findings) -> Table {
    let mut table = tallies("step");
    for (name, ops) in &findings.steps {
        row(&mut table, name, &sum(ops));
    }
    table
}

fn sum(tallies: &BTreeMap<String, Tally>) -> Tally {
    let mut total = Tally::default();
    for tally in tallies.values() {
        total.merge(tally);
    }
    total
}

fn tallies(title: &str) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header([title, "cases", "failed", "worst error / allowed", ""]);
    for column in 1..4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn row(table: &mut Table, name: &str, tally: &Tally) {
    let worst = match tally.worst {
        _ if tally.failed > 0 => "-".to_owned(),
        0.0 => "exact".to_owned(),
        worst => format!("{worst:.3}"),
    };
    let note = if tally.failed > 0 { "WRONG" } else { tally.warning().unwrap_or_default() };
    table.add_row([name, &tally.cases.to_string(), &tally.failed.to_string(), &worst, note]);
}

fn traps(findings: &Findings) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["", "trap", "here"]);
    let Tally { cases, failed, .. } = findings.without_checks;
    if cases > 0 {
        let (mark, here) = match failed {
            0 => ("ok", format!("the same bits as with them, of {cases} compared")),
            _ => ("WRONG", format!("other bits than with them, in {failed} of {cases} cases")),
        };
        table.add_row([mark, "bounds checks left out", &here]);
    }
    for trap in &findings.traps {
        let mark = match trap.effect {
            Effect::None => "ok",
            Effect::Avoided => "avoided",
            Effect::Harmful => "WRONG",
        };
        table.add_row([mark, trap.name, &trap.finding]);
    }
    table
}

/// Prints what is wrong, and how to see it again.
pub(crate) fn print_failures(findings: &Findings, device: &DeviceRow) {
    for failure in &findings.failures {
        say(format_args!("\nWRONG: {}", failure.case));
        let variant = if failure.variant.is_empty() { "" } else { " " };
        say(format_args!("  kernel:    {}{variant}{}", failure.op, failure.variant));
        say(format_args!("  run:       {}", failure.form));
        say(format_args!("  found:     {}", failure.wrong));
        let again = format!("ganvas doctor --device {} --only {}", device.device, failure.only);
        say(format_args!("  see again: {again}"));
    }
}
