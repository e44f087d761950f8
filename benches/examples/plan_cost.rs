//! What a step costs the thread that submits it, on the CPU: `cargo run --release --package
//! ganvas-benches --example plan_cost`.
//!
//! The time that the thread was on a processor, so that neither the device nor other programs
//! count. Drivers that compute on the CPU do so on threads of their own. What the same dispatch
//! costs again is found by running the step twice in one submission.

use benchmark::step::Workload;
use cpu_time::ThreadTime;
use gan::{
    networks::{Networks, Preset},
    options::TrainOptions,
    step::TrainingStep,
};
use pollster::block_on;
use std::time::Duration;
use tensor_ops::{Gpu, Plan, adapters};

/// Small, since the cost is the same for every batch.
const BATCH: usize = 2;
const STEPS: usize = 50;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let adapters = block_on(adapters());
    let adapter = adapters.first().ok_or("no adapter; `cargo xtask setup` installs one")?;
    let gpu = block_on(adapter.open())?;
    println!(
        "{}, {}, {}; medians of {STEPS} steps",
        adapter.name(),
        adapter.backend(),
        adapter.driver()
    );
    println!("| preset | dispatches | a step | a step over its dispatches | the same again |");
    println!("|---|---|---|---|---|");
    for Workload { preset, .. } in Workload::DEFAULT {
        let Cost { dispatches, once, twice } = cost(&gpu, preset)?;
        let [once, twice] = [once, twice].map(|time| time.as_secs_f64() * 1e6);
        let [share, again] = [once, twice - once].map(|time| time / f64::from(dispatches));
        println!("| {preset} | {dispatches} | {once:.0} µs | {share:.2} µs | {again:.2} µs |");
    }
    Ok(())
}

/// The median times on the CPU that submissions take.
struct Cost {
    /// In a step.
    dispatches: u32,
    /// Of a step.
    once: Duration,
    /// Of two steps.
    twice: Duration,
}

fn cost(gpu: &Gpu, preset: Preset) -> Result<Cost, Box<dyn std::error::Error>> {
    let channels = if preset.takes_channels(3) { 3 } else { 1 };
    let networks = Networks::new(preset, channels)?;
    let options = TrainOptions { batch: BATCH, ..TrainOptions::new(preset, channels) };
    let step = TrainingStep::new(&networks, &options)?;
    let mut plan = block_on(Plan::compile(gpu, &step.graph))?;
    let (once, twice) = (step.phases().to_vec(), step.phases().repeat(2));
    let mut costs = [const { Vec::new() }; 2];
    for _ in 0..STEPS {
        for (phases, costs) in [&once, &twice].into_iter().zip(&mut costs) {
            let before = ThreadTime::now();
            block_on(plan.run(phases))?;
            costs.push(before.elapsed());
        }
    }
    let [once, twice] = costs.map(|mut costs| {
        costs.sort();
        costs[STEPS / 2]
    });
    let dispatches = u32::try_from(plan.dispatches(&step.phases()))?;
    Ok(Cost { dispatches, once, twice })
}
