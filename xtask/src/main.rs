//! `cargo xtask`: set-up, checks, tests and comparisons of the Ganvas repository.

mod adapters;
mod bench;
mod check;
mod command;
mod docs;
mod gpu_cases;
mod setup;
mod test;
mod tidy;
mod verify;
mod vulkan;

use clap::Parser;
use std::{ffi::OsString, process::ExitCode};

/// Set-up, checks, tests and comparisons of the Ganvas repository.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Make sure that Vulkan drivers, spirv-val and the Rust components exist
    ///
    /// Where no driver is found, software Vulkan is installed (Debian and Ubuntu, as root), or what
    /// to install is printed. SwiftShader, the second adapter, comes with Debian's chromium, which is
    /// installed on Debian itself, as root, and is left out where it cannot be had. Does nothing,
    /// quickly, where nothing is missing.
    Setup,
    /// Run every test of the workspace on a GPU adapter, setting one up if there is none
    ///
    /// Uses cargo-nextest where it is installed. Fails if no test compared anything on a GPU, unless
    /// ALLOW_NO_GPU=1 is set. Without arguments, `ganvas doctor --quick` then looks at a second
    /// adapter, SwiftShader, where that is installed.
    ///
    /// As root it installs missing packages, as `setup` does: software Vulkan and spirv-tools on
    /// Debian and Ubuntu, and without arguments chromium, for SwiftShader, on Debian itself.
    Test {
        /// The adapter to test: `llvmpipe`, `swiftshader`, or a part of another one's name
        #[arg(long, value_name = "NAME")]
        adapter: Option<String>,
        /// Handed on to `cargo nextest run` or `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Check tidy rules, format, lints, the web build and the documentation
    Check,
    /// Print the worst error of every op and variant over what it may be, from the whole doctor
    ///
    /// Warns where a bound is too tight (above 0.5) or too loose (below 0.01). Takes minutes.
    Verify {
        /// The adapter to verify, as in `test` [default: the preferred one and SwiftShader]
        #[arg(long, value_name = "NAME")]
        adapter: Option<String>,
    },
    /// Time the same training step in Ganvas and in another framework, in turn, on one adapter
    ///
    /// Builds both first: Burn takes minutes, and so does its first step on a software adapter.
    Bench(bench::Arguments),
    /// Write the pages of `docs` that tests compare: portability.md and verification.md
    Docs,
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Setup => setup::all(),
        Task::Test { adapter, arguments } => test::run(adapter.as_deref(), &arguments),
        Task::Check => check::run(),
        Task::Verify { adapter } => verify::run(adapter.as_deref()),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Docs => docs::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
