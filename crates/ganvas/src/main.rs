//! Ganvas's command line: arguments, progress and printing. Everything else is in the libraries.

mod args;
mod bench;
mod bench_tables;
mod classifier;
mod data_command;
mod device_choice;
mod devices;
mod doctor;
mod doctor_report;
mod dry_run;
mod earlier;
mod examination;
mod exit;
mod export;
mod interrupt;
mod manual;
mod metrics;
mod next_command;
mod on_collapse;
mod output;
mod preset_choice;
mod preview;
mod progress;
mod record;
mod report;
mod run_directory;
mod sample;
mod seeds;
mod settings;
mod trace;
mod train;
mod trained;
mod training_loop;
mod tuning;
mod tuning_cache;

use args::{Arguments, Command};
use clap::Parser;
use std::{io, process::ExitCode};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    output::speak(arguments.manner());
    log_to_stderr(arguments.verbose);
    let result = match arguments.command {
        Command::Train(train) => pollster::block_on(train::train(&train)),
        Command::Sample(sample) => pollster::block_on(sample::sample(&sample)),
        Command::Export(export) => pollster::block_on(export::export(&export)),
        Command::Report(report) => report::report(&report),
        Command::Metrics(metrics) => pollster::block_on(metrics::metrics(&metrics)),
        Command::Classifier(of) => pollster::block_on(classifier::classifier(&of)),
        Command::Trace(trace) => pollster::block_on(trace::trace(&trace)),
        Command::Devices(devices) => pollster::block_on(devices::devices(&devices)),
        Command::Doctor(doctor) => pollster::block_on(doctor::doctor(&doctor)),
        Command::Data(arguments) => data_command::data(&arguments),
        Command::Completions(shell) => {
            manual::completions(&shell);
            Ok(())
        }
        Command::Man(man) => manual::man(&man),
        Command::Bench(bench) => pollster::block_on(bench::bench(&bench)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Drivers and decoders answer in several lines.
            let message = format!("{error:#}");
            let lines: Vec<&str> = message.lines().map(str::trim).collect();
            eprintln!("ganvas: {}", lines.join(" "));
            ExitCode::from(exit::code(&error))
        }
    }
}

/// `RUST_LOG` overrides `-v`.
fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "warn,ganvas=info,gan=info,tensor_ops=info",
        _ => "info,ganvas=debug,gan=debug,tensor_ops=debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
}
