//! What `ganvas doctor` found, as tables, as words and as JSON.

use crate::{
    args::DoctorArguments, devices::DeviceRow, examination::Examined, output::show,
    run_directory::write_out,
};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, SystemTime},
};
use verification::{Effect, Findings, Level, Tally};

/// One look at an adapter.
pub(crate) struct Look<'a> {
    pub(crate) arguments: &'a DoctorArguments,
    pub(crate) level: Level,
    pub(crate) device: &'a DeviceRow,
    pub(crate) took: Duration,
    pub(crate) examined: &'a Examined,
}

/// The report's file.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    ganvas: &'static str,
    os: &'static str,
    architecture: &'static str,
    /// Since 1970.
    unix_seconds: u64,
    level: Level,
    only: Option<String>,
    planted: Option<&'a str>,
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
    pub(crate) fn new(look: &Look<'a>) -> Self {
        let Examined { findings, parts } = look.examined;
        let Tally { cases, failed, .. } = findings.total();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            ganvas: env!("CARGO_PKG_VERSION"),
            os: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            unix_seconds: now.map_or(0, |since| since.as_secs()),
            level: look.level,
            only: look.arguments.only.as_ref().map(ToString::to_string),
            planted: look.arguments.plant.as_deref(),
            device: look.device,
            seconds: look.took.as_secs_f64(),
            held: findings.held(),
            cases,
            failed,
            findings,
            parts,
        }
    }

    /// Writes it, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        Ok(write_out(path, format!("{text}\n").as_bytes())?)
    }
}

/// Prints the tables.
pub(crate) fn print_tables(look: &Look<'_>) {
    let findings = &look.examined.findings;
    if !findings.ops.is_empty() {
        show(format_args!("\n{}", ops(findings, look.arguments)));
        show("A case is one shape and family of numbers in one form; an error up to 1 holds.");
    }
    if !findings.steps.is_empty() {
        show("\nA training step, kernel by kernel and in one submission:");
        show(steps(findings));
    }
    if !findings.laws.is_empty() {
        let laws = findings.laws.iter().map(|(name, tally)| match tally.failed {
            0 => format!("{name} ({})", tally.cases),
            failed => format!("{name} ({failed} of {} FAILED)", tally.cases),
        });
        show(format_args!("\nLaws: {}", laws.collect::<Vec<_>>().join(", ")));
    }
    if findings.without_checks.cases > 0 || !findings.traps.is_empty() {
        show("\nTraps (avoided: the adapter has it, and Ganvas does not fall into it):");
        show(traps(findings));
    }
}

fn ops(findings: &Findings, arguments: &DoctorArguments) -> Table {
    let all = arguments.variants;
    let mut table = tallies(if all { "kernel and variant" } else { "kernel" });
    for op in in_order(findings) {
        let Some(variants) = findings.ops.get(op) else { continue };
        let sum = sum(variants);
        if !all {
            row(&mut table, op, &sum, "");
        }
        if all || sum.failed > 0 {
            for (variant, tally) in variants {
                let warning = if all { tally.warning().unwrap_or_default() } else { "" };
                row(&mut table, format!("{op} {variant}").trim_end(), tally, warning);
            }
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
        row(&mut table, name, &sum(ops), "");
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

fn row(table: &mut Table, name: &str, tally: &Tally, warning: &str) {
    let &Tally { cases, failed, refused, worst } = tally;
    let error = match worst {
        _ if failed > 0 || cases == 0 => "-".to_owned(),
        0.0 => "exact".to_owned(),
        worst => format!("{worst:.3}"),
    };
    let note = match (failed, refused) {
        (1.., _) => "WRONG".to_owned(),
        (_, 1..) => format!("{refused} not checked"),
        _ => warning.to_owned(),
    };
    table.add_row([name, &cases.to_string(), &failed.to_string(), &error, &note]);
}

fn traps(findings: &Findings) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["", "trap", "here"]);
    let Tally { cases, failed, .. } = findings.without_checks;
    if cases > 0 {
        let (mark, here) = match failed {
            0 => ("ok", format!("the same bits as with them, {cases} times of {cases}")),
            _ => ("WRONG", format!("other bits than with them, {failed} times of {cases}")),
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

/// Prints what is wrong and how to see it again, and what was not looked at.
pub(crate) fn print_failures(look: &Look<'_>) {
    let findings = &look.examined.findings;
    for failure in &findings.failures {
        show(format_args!("\nWRONG: {}", failure.case));
        let variant = if failure.variant.is_empty() { "" } else { ", " };
        show(format_args!("  kernel:    {}{variant}{}", failure.op, failure.variant));
        show(format_args!("  run:       {}", failure.form));
        show(format_args!("  found:     {}", failure.wrong));
        show(format_args!("  see again: {}", again(look, &failure.only)));
    }
    for (path, why) in &findings.lost {
        show(format_args!("\nTHE DEVICE FAILED: at {path}: {why}"));
    }
    let mut refused: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (path, why) in &findings.refused {
        let op = path.split('/').next().unwrap_or_default();
        refused.entry(op).or_default().push((path, why));
    }
    for (op, cases) in refused {
        let Some((path, why)) = cases.first() else { continue };
        show(format_args!("\nNOT CHECKED: {} of {op}, such as {path}: {why}", cases.len()));
    }
}

/// The command that shows a failure again.
fn again(look: &Look<'_>, only: &str) -> String {
    let plant = look.arguments.plant.as_ref();
    let plant = plant.map_or(String::new(), |plant| format!(" --plant {plant}"));
    format!("ganvas doctor --device {} --only {only}{plant}", look.device.device)
}

/// Whether the adapter can be trusted, in a line or two.
pub(crate) fn verdict(look: &Look<'_>) -> String {
    let findings = &look.examined.findings;
    let (name, seconds) = (&look.device.name, look.took.as_secs_f64());
    let Tally { cases, failed, .. } = findings.total();
    let level = if look.level == Level::Full { "full" } else { "quick" };
    let looked = format!("{name} ({level}, {seconds:.1} s)");
    let not_checked = match findings.refused.len() {
        0 => String::new(),
        count => format!(" {count} cases were not checked, as its limits do not allow them."),
    };
    if findings.held() && cases == 0 {
        return format!("No harmful trap on {looked}: {} looked for.", findings.traps.len());
    }
    if findings.held() {
        let more = match (look.level, &look.arguments.only) {
            (Level::Quick, None) => {
                "\n`ganvas doctor --full` adds every family of numbers, the presets' layers and the \
                 limits."
            }
            _ => "",
        };
        return format!("All held on {looked}: {cases} cases compared.{not_checked}{more}");
    }
    let mut reasons = Vec::new();
    if !findings.wrong().is_empty() {
        let wrong = findings.wrong().join(", ");
        reasons.push(format!("{failed} of {cases} cases failed: {wrong}."));
    }
    if !findings.unknown().is_empty() {
        reasons.push(format!("Nothing is known of {}.", findings.unknown().join(", ")));
    }
    if !findings.lost.is_empty() {
        reasons.push("The device failed, and not all was compared.".to_owned());
    }
    if cases == 0 && reasons.is_empty() {
        reasons.push("Nothing was compared.".to_owned());
    }
    format!(
        "WRONG on {looked}: {}{not_checked}\nTo report it, send the file that `ganvas doctor --device \
         {} --full --json report.json` writes.",
        reasons.join(" "),
        look.device.device
    )
}
