//! Which variants of kernels a training runs in: the run's own, those measured before on this
//! adapter, or those measured now.

use crate::{
    device_choice::{ChosenDevice, driver_of},
    exit::VerificationError,
    output::{bar, say},
    progress::seconds,
    tuning_cache::CacheFile,
};
use gan::{
    executor::Device,
    networks::Preset,
    sampling::{SAMPLING_BATCH, SamplingGraph},
    state::TrainState,
    step::TrainingStep,
    variants::ChosenVariants,
};
use graph::Graph;
use std::time::{Duration, Instant};
use tensor_ops::{Choices, Gpu};
use tuning::{Adapter, Measured, TuneError, Tuned, Workload, tune, workloads};

/// How variants are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tuning {
    /// By measuring, once for an adapter and driver.
    ByMeasuring,
    /// By type of device: `--no-tune`.
    ByRule,
}

/// The variants to go on in from a state; `None` on the CPU, which has none.
pub(crate) async fn choose_variants(
    device: &ChosenDevice,
    state: &TrainState,
    tuning: Tuning,
) -> anyhow::Result<Option<ChosenVariants>> {
    let Device::Gpu(gpu) = &device.device else { return Ok(None) };
    let workloads = workloads_of(gpu, state)?;
    let mut choices: Choices =
        workloads.iter().map(|workload| (workload.name.clone(), workload.by_rule())).collect();
    let here =
        |run: &&ChosenVariants| (&run.adapter, &run.driver) == (&device.name, &device.driver);
    let run = state.variants.as_ref().filter(|_| tuning == Tuning::ByMeasuring);
    match (tuning, run.filter(here)) {
        (Tuning::ByRule, _) => {}
        (Tuning::ByMeasuring, Some(run)) => adopt(run, &workloads, &mut choices),
        (Tuning::ByMeasuring, None) => {
            if let Some(run) = run {
                say(format_args!(
                    "Note:   the run's variants of kernels were chosen on {}, {}; they are chosen \
                     anew here",
                    run.adapter, run.driver
                ));
            }
            let budget = budget(state.options.preset);
            let adapter = Adapter { name: device.name.clone(), driver: device.driver.clone() };
            choose(gpu, &adapter, &workloads, budget, &mut choices).await?;
        }
    }
    Ok(Some(ChosenVariants::new(&device.name, &device.driver, &choices)))
}

/// The variants that a training on an adapter runs the products of this graph in.
pub(crate) async fn variants_of_step(
    gpu: &Gpu,
    adapter: &tensor_ops::Adapter,
    preset: Preset,
    graph: &Graph,
) -> anyhow::Result<Choices> {
    let adapter = Adapter { name: adapter.name().to_owned(), driver: driver_of(adapter) };
    let mut choices = Choices::default();
    choose(gpu, &adapter, &workloads(&[graph], gpu.traits()), budget(preset), &mut choices).await?;
    Ok(choices)
}

/// How long a search may take: little beside a training, and not so long that nobody waits for it.
fn budget(preset: Preset) -> Duration {
    Duration::from_secs_f64(match preset {
        Preset::Dcgan28Small => 4.5,
        Preset::Dcgan28 => 3.0,
        Preset::Dcgan64 | Preset::Dcgan => 14.0,
    })
}

/// The products of training and of pictures.
fn workloads_of(gpu: &Gpu, state: &TrainState) -> anyhow::Result<Vec<Workload>> {
    let networks = state.networks()?;
    let step = TrainingStep::new(&networks, &state.options)?;
    let pictures = SamplingGraph::new(&networks.generator, SAMPLING_BATCH)?;
    Ok(workloads(&[&step.graph, &pictures.graph], gpu.traits()))
}

/// Takes a run's variants, without measuring anything.
fn adopt(run: &ChosenVariants, workloads: &[Workload], choices: &mut Choices) {
    let of_run = run.choices();
    for workload in workloads {
        let variant = of_run.get(&workload.name);
        if let Some(variant) = variant.filter(|variant| workload.variants.contains(variant)) {
            choices.insert(workload.name.clone(), variant);
        }
    }
    let unknown = run.unknown();
    if !unknown.is_empty() {
        say(format_args!(
            "Note:   the run's variants {} of kernels do not exist in this version; the defaults \
             are taken",
            unknown.join(", ")
        ));
    }
}

/// Takes what is in the cache, and measures the rest.
async fn choose(
    gpu: &Gpu,
    adapter: &Adapter,
    workloads: &[Workload],
    budget: Duration,
    choices: &mut Choices,
) -> anyhow::Result<()> {
    let file = CacheFile::of(adapter);
    let cache = file.read(adapter);
    let traits = gpu.traits();
    let mut missing = Vec::new();
    let mut stale = 0;
    for workload in workloads.iter().filter(|workload| workload.variants.len() > 1) {
        match cache.get(workload, traits) {
            Some(variant) => choices.insert(workload.name.clone(), variant),
            None => {
                stale += usize::from(cache.is_stale(workload, traits));
                missing.push(workload.clone());
            }
        }
    }
    if stale > 0 {
        let name = file.name();
        say(format_args!("Note:   {name}: {stale} entries are of other kernels; measured again"));
    }
    if missing.is_empty() {
        return Ok(());
    }
    let tuned = measure(gpu, &missing, budget).await?;
    for measured in &tuned.measured {
        warn_of_disagreement(measured)?;
        choices.insert(measured.product.clone(), measured.chosen);
    }
    if !tuned.measured.is_empty() {
        say(format_args!("Tuned:  {}", summary(&tuned)));
    }
    // Another run may have measured something meanwhile.
    let mut cache = file.read_again(adapter);
    for measured in &tuned.measured {
        if let Some(workload) = missing.iter().find(|missing| missing.name == measured.product) {
            cache.insert(workload, measured, traits);
        }
    }
    file.write(&cache);
    Ok(())
}

async fn measure(gpu: &Gpu, missing: &[Workload], budget: Duration) -> anyhow::Result<Tuned> {
    let bar = bar("Tuning {pos}/{len}: {wide_msg}", missing.len() as u64);
    let started = Instant::now();
    let clock = move || started.elapsed();
    let progress = &mut |progress: tuning::Progress<'_>| {
        bar.set_position(progress.number as u64);
        bar.set_message(progress.product.to_owned());
    };
    let tuned = tune(gpu, missing, budget, &clock, progress).await;
    bar.finish_and_clear();
    tuned.map_err(|error| match error {
        // Found by its own type, it has its own exit code.
        TuneError::Device(error) => error.into(),
        error @ TuneError::Graph(_) => error.into(),
    })
}

/// Names the variants that are wrong, and refuses where no other is left.
fn warn_of_disagreement(measured: &Measured) -> Result<(), VerificationError> {
    for (variant, how) in measured.disagreeing() {
        say(format_args!(
            "Warning: {}: variant {variant} is wrong on this adapter ({how}); it is not used. See \
             `ganvas doctor`",
            measured.product
        ));
    }
    if measured.disagreeing().any(|(variant, _)| variant == measured.chosen) {
        say(format_args!(
            "{}: every variant is wrong on this adapter, and training would learn from wrong \
             numbers. `--device cpu` and other adapters (`ganvas devices`) may be right",
            measured.product
        ));
        return Err(VerificationError);
    }
    Ok(())
}

fn summary(tuned: &Tuned) -> String {
    let count = tuned.measured.len();
    let others = tuned.measured.iter().filter(|of| of.chosen != of.by_rule).count();
    let products = if count == 1 { "layer shape" } else { "layer shapes" };
    let mut text = format!(
        "{count} {products} in {}; {others} not in the default variant",
        seconds(tuned.took)
    );
    if !tuned.unmeasured.is_empty() {
        text += &format!("; {} left for later runs", tuned.unmeasured.len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use tensor_ops::Variant;

    #[test]
    fn the_summary_counts_what_differs_and_what_is_left() {
        let measured = |chosen| Measured {
            product: "dense".to_owned(),
            chosen,
            by_rule: Variant::ALL[0],
            findings: Vec::new(),
        };
        let mut tuned = Tuned {
            measured: vec![measured(Variant::ALL[0]), measured(Variant::ALL[1])],
            unmeasured: Vec::new(),
            took: Duration::from_millis(3140),
        };
        assert_eq!(summary(&tuned), "2 layer shapes in 3.1 s; 1 not in the default variant");
        tuned.unmeasured.push("conv2d".to_owned());
        assert!(summary(&tuned).ends_with("; 1 left for later runs"));
    }
}
