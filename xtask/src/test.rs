//! `cargo xtask test`: every test of the workspace, and proof that a GPU took part.

use crate::{
    command::{self, cargo},
    gpu_cases::{self, WithoutGpu},
    setup,
};
use anyhow::{Context, Result};
use std::{ffi::OsString, process::Command};

/// Runs the tests with these further arguments.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    let without_gpu = WithoutGpu::from_environment();
    match (setup::vulkan(), without_gpu) {
        (Err(error), WithoutGpu::Allowed) => eprintln!("warning: {error:#}"),
        (outcome, _) => outcome?,
    }
    let folder = tempfile::Builder::new()
        .prefix("ganvas-gpu-cases-")
        .tempdir()
        .context("cannot make a temporary folder for the counts of GPU cases")?;
    let tests = tests(arguments)
        .into_iter()
        .try_for_each(|mut command| command::run(command.env(gpu_cases::VARIABLE, folder.path())));
    let counted = gpu_cases::report(&gpu_cases::tally(folder.path())?, without_gpu);
    tests.and(counted)
}

/// The commands that run every test. Nextest leaves out the documentation's examples.
fn tests(arguments: &[OsString]) -> Vec<Command> {
    let nextest = command::output(&mut cargo(["nextest", "--version"])).is_some();
    let mut commands = if nextest {
        vec![cargo(["nextest", "run", "--workspace", "--no-fail-fast"])]
    } else {
        vec![cargo(["test", "--workspace", "--no-fail-fast"])]
    };
    commands[0].args(arguments);
    if nextest && arguments.is_empty() {
        commands.push(cargo(["test", "--workspace", "--doc", "--quiet"]));
    }
    commands
}
