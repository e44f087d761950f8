//! `ganvas train`: from arguments to a run.

use crate::{
    args::TrainArguments,
    device_choice::{ChosenDevice, GET_A_DRIVER},
    dry_run,
    earlier::{Earlier, Starts},
    exit::{InputError, UsageError},
    interrupt::Interrupt,
    next_command::next_command,
    output::{answer, bar, event, say},
    preset_choice::{choose_networks, kind_of_images},
    preview::Preview,
    progress::{Event, duration, megabytes},
    record::{DataRecord, Record},
    run_directory::{RunDirectory, probe, read_tensors},
    settings::Settings,
    training_loop::{EventLog, Measuring, TrainingLoop},
    tuning::{Tuning, choose_variants},
    tuning_cache::cache_folder,
};
use gan::{
    data::{Batches, Cache, DataError, Dataset, Feed, Preparation, Shuffled, files},
    executor::Device,
    networks::Preset,
    options::TrainOptions,
    state::TrainState,
    trainer::Trainer,
    weights::{check_weights, replace_weights},
};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long images may be read without a word.
const SOON: Duration = Duration::from_secs(1);

/// Trains as the arguments say.
pub(crate) async fn train(arguments: &TrainArguments) -> anyhow::Result<()> {
    let earlier = match &arguments.resume {
        Some(run) if arguments.fork => Some(Earlier::open(run, &arguments.outdir)?.forked()),
        Some(run) => Some(Earlier::open(run, &arguments.outdir)?),
        None => None,
    };
    let settings = match &earlier {
        Some(earlier) => Settings::of_run(arguments, &earlier.record, &earlier.state)?,
        None => Settings::new(arguments),
    };
    if settings.scores.metrics.0.is_empty() && arguments.scores.says_how() {
        let problem =
            "--metrics-images and --classifier say how --metrics measures, and it is `none`";
        return Err(UsageError(format!("{problem}; name scores, such as --metrics fd")).into());
    }
    let own_folder = earlier.as_ref().is_none_or(|earlier| earlier.starts != Starts::InPlace);
    let mut lock = None;
    if !arguments.dry_run {
        if let Some(earlier) = earlier.as_ref().filter(|e| e.state.step >= settings.steps()) {
            earlier.say_enough();
            return Ok(());
        }
        match &earlier {
            Some(earlier) if !own_folder => lock = earlier.lock()?,
            _ => probe(&arguments.outdir)?,
        }
    }
    let weights = match &settings.weights {
        Some(path) if earlier.is_none() => Some(Weights::read(path)?),
        _ => None,
    };
    let data = Arc::new(load(&settings)?);
    let batches = Batches::new(&data, settings.batch, settings.seed, settings.mirror())
        .map_err(|problem| DataError::new(Path::new(&settings.source), problem))?;
    let data_record = DataRecord::new(&settings.source, &data);
    if let Some(earlier) = &earlier {
        earlier.check_data(&data_record)?;
    }
    let device = ChosenDevice::open(&settings.device).await?;
    let options = choose_networks(&settings, &data_record, device.slow)?;

    describe_device(&device);
    describe_networks(&options, &settings, &device);
    describe_data(&data, &settings);
    let mut state = match &earlier {
        Some(earlier) => earlier.state_with(&options),
        None => first_state(&options, weights.as_ref())?,
    };
    let by_rule = arguments.no_tune || arguments.dry_run;
    let tuning = if by_rule { Tuning::ByRule } else { Tuning::ByMeasuring };
    state.variants = choose_variants(&device, &state, tuning).await?;
    let trainer = Trainer::new(&device.device, &state).await?;
    describe_memory(&trainer, &device);

    let mut record = Record::new(&settings, &options, data_record, &device);
    if let Some(earlier) = &earlier {
        record = earlier.record_from(record);
    }
    if arguments.dry_run {
        return dry_run::print(&record, &trainer);
    }
    let measuring = Measuring::begin(&settings, &data, &device).await?;
    let interrupt = Interrupt::listen()?;
    let (run, seconds_before) = match &earlier {
        Some(earlier) if !own_folder => (earlier.run.clone(), earlier.seconds()?),
        _ => {
            let label = format!("{}-{}", data.name, options.label());
            (RunDirectory::create(&arguments.outdir, &label)?, 0.0)
        }
    };
    let _lock = match lock {
        Some(lock) => lock,
        None => run.lock()?,
    };
    run.write_record(&record)?;
    if let Some(variants) = &state.variants {
        run.write_variants(variants)?;
    }
    if !data.skipped.is_empty() {
        run.write("skipped.txt", (data.skipped.join("\n") + "\n").as_bytes())?;
    }

    // A new run draws before its first step; one that goes on in place has drawn.
    let events = EventLog::begin(&run, if own_folder { state.step } else { state.step + 1 })?;
    let feed = Feed::new(Shuffled { data: Arc::clone(&data), batches });
    let (settings, run, data) = (&settings, &run, &data);
    let unlogged = state.unlogged.filter(|_| !own_folder);
    let preview = Preview::on_stdout(arguments.preview.preview);
    let mut training = TrainingLoop {
        trainer,
        data,
        feed,
        settings,
        run,
        events,
        seconds_before,
        unlogged,
        record,
        measuring,
        preview,
    };
    if own_folder {
        training.write_start().await?;
    }
    say(format_args!("Run:    {}", run.path().display()));
    let steps = settings.steps();
    event(&Event::Run { run: run.path(), step: state.step, steps });
    let finished = training.run(&interrupt).await?;

    let run = run.path();
    let (kimg, seconds) = (settings.kimg, finished.seconds);
    answer(run.display(), &Event::Done { run, kimg, seconds });
    let took = duration(Duration::from_secs_f64(finished.seconds));
    say(format_args!("Done: {} kimg, {took}.", settings.kimg));
    say(format_args!(
        "Look at {} beside {}.",
        finished.picture.display(),
        run.join("reals.png").display()
    ));
    let longer = format!("train --kimg {} --resume", settings.kimg * 2.0);
    let [report, sample, train] =
        ["report", "sample", longer.as_str()].map(|command| next_command(command, run));
    let width = train.len();
    say(format_args!("Next:   {sample:width$}   more pictures"));
    say(format_args!("        {train}   train on"));
    say(format_args!("        {report:width$}   a page of the run"));
    Ok(())
}

/// A file to start from.
pub(crate) struct Weights<'a> {
    path: &'a Path,
    bytes: Vec<u8>,
}

impl<'a> Weights<'a> {
    pub(crate) fn read(path: &'a Path) -> Result<Self, InputError> {
        let bytes = read_tensors(path)?;
        check_weights(&bytes).map_err(|error| InputError::new(path, error.to_string()))?;
        Ok(Self { path, bytes })
    }
}

pub(crate) fn load(settings: &Settings) -> anyhow::Result<Dataset> {
    load_source(&settings.source, &settings.preparation())
}

/// Loads a source of images through the user's cache.
pub(crate) fn load_source(source: &str, preparation: &Preparation) -> anyhow::Result<Dataset> {
    let cache = cache_folder().map_or(Cache::none(), |folder| {
        let room = folder.ancestors().find_map(|folder| fs4::available_space(folder).ok());
        Cache::in_folder(&folder.join("data")).with_room(room.unwrap_or(u64::MAX))
    });
    let bar = bar("{msg} {wide_bar} {pos}/{len}", 0).with_message("reading images");
    let started = Instant::now();
    let data = files::load(source, preparation, &cache, &|image, images| {
        // A bar is worth its lines only where reading takes a while.
        if started.elapsed() > SOON {
            bar.set_length(images as u64);
            bar.set_position(image as u64);
        }
    });
    bar.finish_and_clear();
    Ok(data?)
}

pub(crate) fn first_state(
    options: &TrainOptions,
    weights: Option<&Weights<'_>>,
) -> anyhow::Result<TrainState> {
    let mut state =
        TrainState::new(options.clone()).map_err(|error| UsageError(error.to_string()))?;
    if let Some(Weights { path, bytes }) = weights {
        let found = replace_weights(&mut state, bytes)
            .map_err(|error| InputError::new(path, error.to_string()))?;
        if let [only] = found.as_slice() {
            let (only, path) = (only.name(), path.display());
            say(format_args!("Note:   {path} has the {only} alone; the other network starts anew"));
        }
    }
    Ok(state)
}

pub(crate) fn describe_device(device: &ChosenDevice) {
    if device.no_adapter {
        say("No GPU adapter found (Vulkan, Metal or DX12): computing on the CPU, which is slow.");
        say(format_args!("{GET_A_DRIVER}."));
    }
    say(format_args!("Device: {}; {}", device.name, device.driver));
}

pub(crate) fn describe_networks(
    options: &TrainOptions,
    settings: &Settings,
    device: &ChosenDevice,
) {
    let TrainOptions { preset, width, batch, .. } = options;
    let note = match (settings.preset, preset) {
        (None, Preset::Dcgan28Small) if device.slow => {
            " (this device computes on the CPU, so the small networks; --preset dcgan28 has the full \
             ones)"
        }
        (None, Preset::Dcgan28 | Preset::Dcgan28Small) if settings.size.is_some() => {
            " (made for 28x28 grey images; --preset dcgan has the general networks)"
        }
        (None, Preset::Dcgan64) if settings.size.is_some() => " (which is dcgan at this size)",
        _ => "",
    };
    let width = width.map(|width| format!(" of width {width}")).unwrap_or_default();
    say(format_args!("Preset: {preset}{width}, batch {batch}{note}"));
}

pub(crate) fn describe_data(data: &Dataset, settings: &Settings) {
    let Dataset { count, height, width, channels, notes, .. } = data;
    let (source, kind) = (&settings.source, kind_of_images([*height, *width], *channels));
    say(format_args!("Data:   {source}, {count} images, {kind}"));
    for note in notes {
        say(format_args!("        {note}"));
    }
}

fn describe_memory(trainer: &Trainer, device: &ChosenDevice) {
    let [step, pictures] = trainer.memory();
    let place = match device.device {
        Device::Cpu => "in memory",
        Device::Gpu(_) => "on the device",
    };
    say(format_args!(
        "Memory: {} {place}: {} weights and moments, {} activations, {} for pictures",
        megabytes(step.total() + pictures.total()),
        megabytes(step.storage_bytes),
        megabytes(step.total() - step.storage_bytes),
        megabytes(pictures.total()),
    ));
    say(format_args!(
        "        sharing saves {} of {}; {} are in use at once",
        megabytes(step.unshared_bytes.saturating_sub(step.pooled_bytes)),
        megabytes(step.unshared_bytes),
        megabytes(step.least_bytes),
    ));
}
