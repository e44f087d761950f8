//! `cargo xtask check`: everything that needs no GPU and no test run.

use crate::{
    command::{self, cargo},
    setup, tidy,
};
use anyhow::{Result, bail};
use std::env;

/// The crates that also compile for the browser.
const WEB: [&str; 4] = ["tensor-ops", "gan", "tuning", "verification"];

/// The crates whose documentation others read.
const LIBRARIES: [&str; 8] =
    ["graph", "cpu-reference", "tensor-ops", "gan", "tuning", "verification", "metrics", "records"];

type Check = fn() -> Result<()>;

/// Runs every check, also after one has failed, and names those that failed.
pub(crate) fn run() -> Result<()> {
    setup::rust()?;
    let checks: [(&str, Check); 5] = [
        ("tidy rules", || tidy::check(command::root())),
        ("format", || command::run(&mut cargo(["fmt", "--all", "--check"]))),
        ("lints", lints),
        ("web build", web),
        ("documentation", documentation),
    ];
    let mut failed = Vec::new();
    for (name, check) in checks {
        if let Err(error) = check() {
            eprintln!("error: {error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("{} of {} checks failed: {}", failed.len(), checks.len(), failed.join(", "));
    }
    Ok(())
}

fn lints() -> Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    command::run(&mut cargo(arguments))
}

fn web() -> Result<()> {
    let packages = WEB.into_iter().flat_map(|name| ["-p", name]);
    command::run(cargo(["check", "--target", setup::WEB_TARGET]).args(packages))
}

fn documentation() -> Result<()> {
    let packages = LIBRARIES.into_iter().flat_map(|name| ["-p", name]);
    let flags = env::var("RUSTDOCFLAGS").unwrap_or_default();
    let mut command = cargo(["doc", "--no-deps"]);
    command::run(command.args(packages).env("RUSTDOCFLAGS", format!("{flags} -D warnings")))
}
