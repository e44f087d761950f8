//! `cargo xtask test`: every test of the workspace, and proof that a GPU took part.

use crate::{
    adapters::{Adapter, SWIFTSHADER_PACKAGES, Software},
    command::{self, cargo},
    gpu_cases::{self, WithoutGpu},
    setup,
};
use anyhow::{Context, Result};
use std::{env, ffi::OsString, process::Command};

/// Runs the tests with these further arguments, on the adapter of this name if one is given.
pub(crate) fn run(adapter: Option<&str>, arguments: &[OsString]) -> Result<()> {
    let without_gpu = WithoutGpu::from_environment();
    let driver = match (setup::vulkan(), without_gpu) {
        (Err(error), WithoutGpu::Allowed) => {
            eprintln!("warning: {error:#}");
            None
        }
        (outcome, _) => outcome?,
    };
    let chosen = adapter.map_or_else(|| Ok(Adapter::preferred()), Adapter::named)?;
    let driver = if adapter.is_none() { &driver } else { &chosen.manifest };
    if let Some(manifest) = driver {
        eprintln!("Vulkan driver: {}", manifest.display());
    }
    // Where this fails, one test does too, and says so.
    setup::spirv_tools().unwrap_or_else(|error| eprintln!("warning: {error:#}"));
    let everything = adapter.is_none() && arguments.is_empty();
    if everything {
        // What cannot be installed is said before the tests take their time.
        setup::swiftshader();
    }
    if adapter.is_some() {
        command::run(&mut build())?;
        chosen.look_for(built_with_tests()?)?;
    }
    let folder = tempfile::Builder::new()
        .prefix("ganvas-gpu-cases-")
        .tempdir()
        .context("cannot make a temporary folder for the counts of GPU cases")?;
    let tests = tests(arguments).into_iter().try_for_each(|mut command| {
        command::run(chosen.choose_for(command.env(gpu_cases::VARIABLE, folder.path())))
    });
    let counted = gpu_cases::report(&gpu_cases::tally(folder.path())?, adapter, without_gpu);
    tests.and(counted)?;
    if everything { second_adapter() } else { Ok(()) }
}

/// A quick look at every kernel on SwiftShader, so that a bug which one driver hides is seen.
fn second_adapter() -> Result<()> {
    let Some(swiftshader) = Adapter::software(Software::SwiftShader) else {
        println!(
            "NOT CHECKED: a second adapter, as SwiftShader was not found. `cargo xtask setup` \
             installs it on Debian as root; otherwise install it:\n{SWIFTSHADER_PACKAGES}"
        );
        return Ok(());
    };
    println!("A quick look at every kernel on a second adapter, SwiftShader:");
    let doctor = swiftshader.doctor(built_with_tests()?, &["--quick"]);
    doctor.context("SwiftShader, the second adapter, failed")
}

/// The program that the tests have just built, beside this one: `cargo run` would compile wgpu once
/// more, as the tests ask it for more features.
fn built_with_tests() -> Result<Command> {
    let this = env::current_exe().context("cannot tell where this program lies")?;
    Ok(Command::new(this.with_file_name(format!("ganvas{}", env::consts::EXE_SUFFIX))))
}

/// The command that builds what [`tests`] runs.
fn build() -> Command {
    if has_nextest() {
        cargo(["nextest", "run", "--workspace", "--no-run"])
    } else {
        cargo(["test", "--workspace", "--no-run"])
    }
}

/// The commands that run every test. Nextest leaves out the documentation's examples.
fn tests(arguments: &[OsString]) -> Vec<Command> {
    let nextest = has_nextest();
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

fn has_nextest() -> bool {
    command::output(&mut cargo(["nextest", "--version"])).is_some()
}
