//! `cargo xtask bench --against burn`: the same training step in Ganvas and in another framework.
//!
//! The programs run in turn, so that whatever else the machine does meets both alike.

mod program;
mod steps;

use crate::adapters::Adapter;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use program::{Caches, Program, Task};
use std::{fmt, time::Duration};
use steps::{Steps, median};

/// What to compare, and how long.
#[derive(Args)]
pub(crate) struct Arguments {
    /// What to compare Ganvas with
    #[arg(long, value_enum)]
    against: Framework,
    /// The networks
    #[arg(long, value_enum, default_value_t = Preset::Dcgan28)]
    preset: Preset,
    /// Images a step
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=4096))]
    batch: u32,
    /// How often each program runs
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Steps that count in each run, after those that warm up
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Start each run without anything cached: no tuning, no compiled shaders
    #[arg(long)]
    cold: bool,
    /// The adapter: `llvmpipe`, `swiftshader`, or a part of another one's name [default: the one
    /// that both programs prefer]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Framework {
    Burn,
}

/// The presets that are written in the other framework too.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    Dcgan28,
    Dcgan64,
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dcgan28 => "dcgan28",
            Self::Dcgan64 => "dcgan64",
        })
    }
}

/// Builds both programs, runs them in turn and prints every figure.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { preset, batch, rounds, steps, .. } = *arguments;
    let other = match arguments.against {
        Framework::Burn => Program::Burn,
    };
    let programs = [Program::Ganvas, other];
    let adapter = match &arguments.adapter {
        Some(name) => Adapter::named(name)?,
        None => Adapter::preferred(),
    };
    let caches = if arguments.cold { Caches::Cold } else { Caches::Warm };
    let task = Task { preset, batch, steps, adapter, caches };
    for program in programs {
        program.build()?;
    }
    if caches == Caches::Warm {
        for program in programs {
            eprintln!("filling {program}'s caches");
            // Tuning goes on in later runs where its budget was used up.
            for _ in 0..3 {
                program.run(&task)?;
            }
        }
    }

    let mut runs = [Vec::new(), Vec::new()];
    println!("| round | program | to the end of the first step | later steps, median |");
    println!("|---|---|---|---|");
    for round in 1..=rounds {
        for (program, runs) in programs.into_iter().zip(&mut runs) {
            let run = program.run(&task)?;
            let (first, later) = (seconds(run.first), seconds(median(&run.later)));
            println!("| {round} | {program} | {first} | {later} |");
            runs.push(run);
        }
    }
    report(&task, programs, &runs)
}

fn report(task: &Task, programs: [Program; 2], runs: &[Vec<Steps>; 2]) -> Result<()> {
    let adapter = same_adapter(programs, runs)?;
    let Task { preset, batch, .. } = task;
    let state = match task.caches {
        Caches::Cold => "nothing cached",
        Caches::Warm => "caches warm",
    };
    println!("\n{preset}, batch {batch}, on {adapter}, {state}; medians of all runs:\n");
    let firsts = runs.each_ref().map(|runs| {
        let firsts: Vec<Duration> = runs.iter().map(|run| run.first).collect();
        median(&firsts)
    });
    let laters = runs.each_ref().map(|runs| {
        let laters: Vec<Duration> = runs.iter().flat_map(|run| run.later.clone()).collect();
        median(&laters)
    });
    let [ours, other] = programs;
    println!("| | {ours} | {other} | {other} / {ours} | by round |");
    println!("|---|---|---|---|---|");
    let by_round = [ratios(runs, |run| run.first), ratios(runs, |run| median(&run.later))];
    let names = ["from the start to the end of the first step", "a later step"];
    for ((name, times), by_round) in names.into_iter().zip([firsts, laters]).zip(by_round) {
        let [ours, other] = times.map(seconds);
        let ratio = times[1].as_secs_f64() / times[0].as_secs_f64();
        println!("| {name} | {ours} | {other} | {ratio:.2} | {by_round} |");
    }
    let [ours, other] = laters.map(|later| f64::from(*batch) / later.as_secs_f64());
    println!("| images/s | {ours:.1} | {other:.1} | | |");
    Ok(())
}

/// The other's time over ours in each round.
fn ratios(runs: &[Vec<Steps>; 2], time: impl Fn(&Steps) -> Duration) -> String {
    let [ours, others] = runs;
    let ratios = ours.iter().zip(others).map(|(ours, other)| {
        format!("{:.2}", time(other).as_secs_f64() / time(ours).as_secs_f64())
    });
    ratios.collect::<Vec<_>>().join(", ")
}

/// The one adapter that every run was on.
fn same_adapter(programs: [Program; 2], runs: &[Vec<Steps>; 2]) -> Result<&str> {
    let [ours, others] = runs.each_ref().map(|runs| runs.first().map(|run| &*run.adapter));
    let (ours, others) = ours.zip(others).context("there were no rounds")?;
    if ours != others {
        let [program, other] = programs;
        bail!(
            "{program} ran on `{ours}`, but {other} on `{others}`: have them see one driver only, \
             with --adapter llvmpipe or swiftshader, or with VK_DRIVER_FILES"
        );
    }
    Ok(ours)
}

fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 1.0 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}
