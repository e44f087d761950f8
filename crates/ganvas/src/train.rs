//! `ganvas train`: from arguments to a run.

use crate::{
    args::TrainArguments,
    device_choice::{ChosenDevice, GET_A_DRIVER},
    dry_run,
    exit::{InputError, UsageError},
    interrupt::Interrupt,
    preset_choice::choose_preset,
    progress::{duration, megabytes, say},
    record::{DataRecord, Record},
    run_directory::{RunDirectory, probe, read_checkpoint},
    settings::Settings,
    training_loop::TrainingLoop,
};
use gan::{
    checkpoint,
    data::{Batches, Dataset, files},
    networks::Preset,
    options::TrainOptions,
    state::TrainState,
    trainer::Trainer,
    weights::replace_weights,
};
use indicatif::ProgressBar;
use std::{fs, path::Path, time::Duration};

/// Trains as the arguments say.
pub(crate) async fn train(arguments: &TrainArguments) -> anyhow::Result<()> {
    let earlier = match &arguments.resume {
        Some(run) => Some(Earlier::open(run, &arguments.outdir)?),
        None => None,
    };
    let settings = match &earlier {
        Some(earlier) => Settings::of_run(arguments, &earlier.record)?,
        None => Settings::new(arguments),
    };
    if earlier.is_none() && !arguments.dry_run {
        probe(&arguments.outdir)?;
    }
    let data = load(&settings.source)?;
    let batches = Batches::new(&data, settings.batch, settings.seed)?;
    let data_record = DataRecord::new(&settings.source, &data);
    if let Some(earlier) = &earlier {
        earlier.check_data(&data_record)?;
    }
    let device = ChosenDevice::open(&settings.device).await?;
    let preset = choose_preset(settings.preset, &data, device.slow)?;

    describe_device(&device);
    describe_preset(preset, &settings, &device);
    describe_data(&data, &settings);
    let state = match &earlier {
        Some(earlier) => earlier.state.clone(),
        None => first_state(preset, &settings, &data)?,
    };
    let trainer = Trainer::new(&device.device, &state).await?;
    describe_memory(&trainer);

    let record = Record::new(&settings, preset, data_record, &device);
    if arguments.dry_run {
        return dry_run::print(&record, &trainer);
    }
    let interrupt = Interrupt::listen()?;
    let (run, seconds_before) = match &earlier {
        Some(earlier) => (earlier.run.clone(), earlier.go_on(&record)?),
        None => {
            let label = format!("{}-{preset}", data.name);
            let run = RunDirectory::create(&arguments.outdir, &label)?;
            run.write_record(&record)?;
            (run, 0.0)
        }
    };
    if trainer.steps() >= settings.steps() {
        let (path, kimg) = (run.path().display(), trainer.images() as f64 / 1000.0);
        say(format_args!("{path} has seen {kimg} kimg already; ask for more with --kimg"));
        return Ok(());
    }

    let (settings, run, data) = (&settings, &run, &data);
    let mut training = TrainingLoop { trainer, data, batches, settings, run, seconds_before };
    if earlier.is_none() {
        training.write_first_pictures().await?;
    }
    say(format_args!("Run:    {}", run.path().display()));
    let finished = training.run(&interrupt).await?;

    let run = run.path().display();
    let took = duration(Duration::from_secs_f64(finished.seconds));
    say(format_args!("Done: {} kimg, {took}.", settings.kimg));
    say(format_args!("Look at {} beside {run}/reals.png.", finished.picture.display()));
    say(format_args!("Next:   ganvas sample {run}                    more pictures"));
    let more = settings.kimg * 2.0;
    say(format_args!("        ganvas train --resume {run} --kimg {more}   train on"));
    Ok(())
}

/// A run to go on with.
struct Earlier {
    run: RunDirectory,
    record: Record,
    state: TrainState,
}

impl Earlier {
    fn open(run: &Path, outdir: &Path) -> Result<Self, InputError> {
        let run = RunDirectory::open(run, outdir)?;
        let record = run.read_record()?;
        let path = run.newest_checkpoint()?;
        let state = checkpoint::decode(&read_checkpoint(&path)?)
            .map_err(|error| InputError::new(&path, error.to_string()))?;
        let TrainOptions { preset, channels, batch, seed, .. } = state.options;
        let Record { data, .. } = &record;
        if (preset, channels, batch, seed)
            != (record.preset, data.channels, record.batch, record.seed)
        {
            let problem = format!(
                "preset {preset}, {channels} channels, batch {batch} and seed {seed} are not those \
                 of the run's options.json"
            );
            return Err(InputError::new(&path, problem));
        }
        Ok(Self { run, record, state })
    }

    fn check_data(&self, data: &DataRecord) -> Result<(), UsageError> {
        match data.difference(&self.record.data) {
            Some(difference) => {
                Err(UsageError(format!("cannot go on with this run: {difference}")))
            }
            None => Ok(()),
        }
    }

    /// Prepares the run's folder; returns the seconds that it has taken so far.
    fn go_on(&self, record: &Record) -> anyhow::Result<f64> {
        if record.device.name != self.record.device.name {
            let (now, before) = (&record.device.name, &self.record.device.name);
            say(format_args!(
                "Note:   the run began on {before} and goes on on {now}; its numbers will differ \
                 slightly"
            ));
        }
        let ganvas = self.record.ganvas.clone();
        self.run.write_record(&Record { ganvas, ..record.clone() })?;
        let last = self.run.cut_stats(self.state.step)?;
        Ok(last.and_then(|line| line.get("seconds")?.as_f64()).unwrap_or(0.0))
    }
}

fn load(source: &str) -> anyhow::Result<Dataset> {
    let bar = ProgressBar::new(0).with_message("reading images");
    let data = files::load(source, &mut |file, files| {
        // A bar is worth its lines only where reading takes a while.
        if files > 1000 {
            bar.set_length(files as u64);
            bar.set_position(file as u64);
        }
    });
    bar.finish_and_clear();
    Ok(data?)
}

fn first_state(preset: Preset, settings: &Settings, data: &Dataset) -> anyhow::Result<TrainState> {
    let options = TrainOptions {
        batch: settings.batch,
        seed: settings.seed,
        ..TrainOptions::new(preset, data.channels)
    };
    let mut state = TrainState::new(options).map_err(|error| UsageError(error.to_string()))?;
    if let Some(path) = &settings.weights {
        let bytes = fs::read(path).map_err(|error| InputError::new(path, error.to_string()))?;
        replace_weights(&mut state, &bytes)
            .map_err(|error| InputError::new(path, error.to_string()))?;
    }
    Ok(state)
}

fn describe_device(device: &ChosenDevice) {
    if device.no_adapter {
        say("No GPU adapter found (Vulkan, Metal or DX12): training on the CPU, which is slow.");
        say(format_args!("{GET_A_DRIVER}."));
    }
    say(format_args!("Device: {}; {}", device.name, device.driver));
}

fn describe_preset(preset: Preset, settings: &Settings, device: &ChosenDevice) {
    let note = match (settings.preset, preset) {
        (None, Preset::Dcgan28Small) if device.slow => {
            " (this device computes on the CPU, so the small networks; --preset dcgan28 has the full \
             ones)"
        }
        _ => "",
    };
    say(format_args!("Preset: {preset}, batch {}{note}", settings.batch));
}

fn describe_data(data: &Dataset, settings: &Settings) {
    let Dataset { count, height, width, channels, notes, .. } = data;
    let colour = if *channels == 1 { "grey" } else { "colour" };
    let source = &settings.source;
    say(format_args!("Data:   {source}, {count} images, {height}x{width} {colour}"));
    for note in notes {
        say(format_args!("        {note}"));
    }
}

fn describe_memory(trainer: &Trainer) {
    let [step, pictures] = trainer.memory();
    say(format_args!(
        "Memory: {} on the device: {} weights and moments, {} activations, {} for pictures",
        megabytes(step.total() + pictures.total()),
        megabytes(step.storage_bytes),
        megabytes(step.total() - step.storage_bytes),
        megabytes(pictures.total()),
    ));
}
