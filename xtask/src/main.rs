//! `cargo xtask`: set-up, checks and tests of the Ganvas repository.

mod check;
mod command;
mod gpu_cases;
mod setup;
mod test;
mod tidy;
mod vulkan;

use clap::Parser;
use std::{ffi::OsString, process::ExitCode};

/// Set-up, checks and tests of the Ganvas repository.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Make sure that a Vulkan driver and the Rust components exist
    ///
    /// Where no driver is found, software Vulkan is installed (Debian and Ubuntu, as root), or what
    /// to install is printed. Does nothing, quickly, where nothing is missing.
    Setup,
    /// Run every test of the workspace on a GPU adapter, setting one up if there is none
    ///
    /// Uses cargo-nextest where it is installed. Fails if no test compared anything on a GPU, unless
    /// ALLOW_NO_GPU=1 is set.
    Test {
        /// Handed on to `cargo nextest run` or `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Check tidy rules, format, lints, the web build and the documentation
    Check,
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Setup => setup::all(),
        Task::Test { arguments } => test::run(&arguments),
        Task::Check => check::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
