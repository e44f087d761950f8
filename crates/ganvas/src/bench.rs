//! `ganvas bench`: what this adapter can do, and what Ganvas's kernels make of it.

use crate::{
    args::BenchArguments,
    bench_tables::{print_ceilings, print_comparison, print_kernels, print_product, print_steps},
    device_choice::choose_adapter,
    devices::DeviceRow,
    exit::InputError,
    output::{bar, say},
    run_directory::{check_out, write_out},
    tuning::variants_of_step,
};
use benchmark::{
    kernels::{kernels, square_product},
    plot::roofline,
    report::{AdapterRow, FORMAT, KernelRow, Report, StepRow},
    session::Session,
    step::Workload,
};
use gan::networks::Preset;
use std::{
    fs,
    num::NonZero,
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime},
};
use tensor_ops::{Adapter, PlanOptions};

/// The bar of what is measured.
const PARTS: &str = "{bar:30} {pos}/{len} {wide_msg}";

/// Measures the adapter that the arguments name.
pub(crate) async fn bench(arguments: &BenchArguments) -> anyhow::Result<()> {
    for (path, option, example) in
        [(&arguments.json, "--json", "bench.json"), (&arguments.plot, "--plot", "roofline.svg")]
    {
        if let Some(path) = path {
            check_out(path, option, example)?;
        }
    }
    if let Some(path) = arguments.plot.as_deref().filter(|path| !is_svg(path)) {
        return Err(InputError::new(path, "--plot draws SVG: name a file that ends in .svg").into());
    }
    let earlier = arguments.compare.as_deref().map(read_report).transpose()?;
    let (index, adapter) = choose_adapter(&arguments.device).await?;
    say(format_args!("Device: {}", DeviceRow::of(index, &adapter).in_words()));
    let report = measure(arguments, &adapter).await?;
    print_steps(&report);
    if let Some(earlier) = &earlier {
        print_comparison(&report, earlier);
    }
    say(format_args!("\nMeasured in {:.0} s.", report.seconds));
    if let Some(path) = &arguments.json {
        say(format_args!("Report: {}", path.display()));
    }
    if let Some(path) = &arguments.plot {
        write_out(path, roofline(&report)?.as_bytes())?;
        say(format_args!("Roofline: {}", path.display()));
    }
    Ok(())
}

/// Measures, prints each preset's kernels as soon as they are known, and writes what is known of the
/// report behind each, so that little is lost where the rest fails or is interrupted.
async fn measure(arguments: &BenchArguments, adapter: &Adapter) -> anyhow::Result<Report> {
    let (start, now) = (Instant::now(), SystemTime::now());
    let gpu = adapter.open().await?;
    let row = AdapterRow::new(adapter, &gpu);
    let spinner = bar("{spinner} {wide_msg}", 0);
    let on_ceiling = |name: &str| spinner.set_message(format!("ceilings: {name}"));
    spinner.enable_steady_tick(Duration::from_millis(200));
    let mut session = Session::begin(gpu.clone(), PlanOptions::default(), &on_ceiling).await?;
    spinner.finish_and_clear();
    print_ceilings(session.ceilings());
    let mut report = Report {
        format: FORMAT,
        ganvas: env!("CARGO_PKG_VERSION").to_owned(),
        os: std::env::consts::OS.to_owned(),
        architecture: std::env::consts::ARCH.to_owned(),
        host_cores: thread::available_parallelism().map_or(1, NonZero::get),
        unix_seconds: now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        seconds: 0.0,
        adapter: row,
        ceilings: session.ceilings().clone(),
        kernels: Vec::new(),
        steps: Vec::new(),
    };
    let product = square_product()?;
    if !arguments.no_tune {
        session.choose_variants(
            variants_of_step(&gpu, adapter, Preset::Dcgan28Small, &product.graph).await?,
        );
    }
    let product = session.product(&product).await?;
    print_product(&product, session.ceilings());
    report.kernels.push(product);
    save(arguments, &report)?;
    for workload in workloads(arguments) {
        if !arguments.no_tune {
            let graph = workload.step()?.graph;
            let choices = variants_of_step(&gpu, adapter, workload.preset, &graph).await?;
            session.choose_variants(choices);
        }
        let measured = measure_kernels(arguments, &session, workload).await?;
        print_kernels(workload, &measured, session.ceilings());
        report.kernels.extend(measured);
        if !arguments.quick {
            report.steps.push(measure_step(&session, workload).await?);
        }
        report.seconds = start.elapsed().as_secs_f64();
        save(arguments, &report)?;
    }
    Ok(report)
}

/// Writes what is known so far, if a file was asked for.
fn save(arguments: &BenchArguments, report: &Report) -> anyhow::Result<()> {
    if let Some(path) = &arguments.json {
        write_out(path, format!("{}\n", serde_json::to_string_pretty(report)?).as_bytes())?;
    }
    Ok(())
}

fn workloads(arguments: &BenchArguments) -> Vec<Workload> {
    let presets = match (arguments.preset.as_slice(), arguments.quick) {
        ([], true) => &[Preset::Dcgan28Small],
        ([], false) => &Workload::DEFAULT.map(|workload| workload.preset)[..],
        (presets, _) => presets,
    };
    let of_preset = |&preset: &Preset| {
        let usual = Workload::usual(preset);
        Workload { batch: arguments.batch.map_or(usual.batch, |batch| batch as usize), ..usual }
    };
    presets.iter().map(of_preset).collect()
}

async fn measure_kernels(
    arguments: &BenchArguments,
    session: &Session,
    workload: Workload,
) -> anyhow::Result<Vec<KernelRow>> {
    let mut kernels = kernels(&workload.step()?.graph)?;
    if arguments.quick {
        kernels.retain(benchmark::kernels::LayerKernel::is_product);
    }
    let bar = bar(PARTS, kernels.len() as u64);
    let mut rows = Vec::with_capacity(kernels.len());
    for kernel in &kernels {
        bar.set_message(format!("{} {}", workload.preset, kernel.op));
        rows.push(session.kernel(workload, kernel).await?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(rows)
}

async fn measure_step(session: &Session, workload: Workload) -> anyhow::Result<StepRow> {
    let bar = bar(PARTS, 1);
    bar.set_message(format!("{}: whole steps", workload.preset));
    let step = session.step(workload).await?;
    bar.finish_and_clear();
    Ok(step)
}

/// What tells whether the rest can be read.
#[derive(serde::Deserialize)]
struct Version {
    format: u32,
}

fn read_report(path: &Path) -> Result<Report, InputError> {
    let input = |problem: String| InputError::new(path, problem);
    let text = fs::read(path).map_err(|error| input(error.to_string()))?;
    let no_report = |error| input(format!("is no file of `ganvas bench --json`: {error}"));
    let Version { format } = serde_json::from_slice(&text).map_err(no_report)?;
    if format != FORMAT {
        return Err(input(format!(
            "has format {format}; this version compares format {FORMAT}: measure again with it"
        )));
    }
    serde_json::from_slice(&text).map_err(no_report)
}

fn is_svg(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg"))
}
