//! What a step costs the thread that submits it, on the CPU: `cargo run --release --package
//! ganvas-benches --example plan_cost`.
//!
//! The time that the thread was on a processor, so that neither the device nor other programs
//! count. Drivers that compute on the CPU do so on threads of their own.

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
    println!("| preset | dispatches | a step | a dispatch |");
    println!("|---|---|---|---|");
    for &preset in Preset::all() {
        let (dispatches, cost) = cost(&gpu, preset)?;
        let [step, dispatch] = [cost, cost / dispatches].map(|time| time.as_secs_f64() * 1e6);
        println!("| {preset} | {dispatches} | {step:.0} µs | {dispatch:.2} µs |");
    }
    Ok(())
}

/// A step's dispatches, and the median time on the CPU that running one takes.
fn cost(gpu: &Gpu, preset: Preset) -> Result<(u32, Duration), Box<dyn std::error::Error>> {
    let channels = if preset.takes_channels(3) { 3 } else { 1 };
    let networks = Networks::new(preset, channels)?;
    let options = TrainOptions { batch: BATCH, ..TrainOptions::new(preset, channels) };
    let step = TrainingStep::new(&networks, &options)?;
    let mut plan = block_on(Plan::compile(gpu, &step.graph))?;
    let mut costs = Vec::with_capacity(STEPS);
    for _ in 0..STEPS {
        let before = ThreadTime::now();
        block_on(plan.run(&step.phases()))?;
        costs.push(before.elapsed());
    }
    costs.sort();
    let dispatches = u32::try_from(plan.dispatches(&step.phases()))?;
    Ok((dispatches, costs[STEPS / 2]))
}
