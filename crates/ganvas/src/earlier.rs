//! Going on with an earlier run.

use crate::{
    exit::{InputError, UsageError},
    next_command::next_command,
    output::{answer, say},
    preset_choice::kind_of_images,
    progress::Event,
    record::{DataRecord, ParentRecord, Record},
    run_directory::{Log, RunDirectory, RunLock, read_tensors},
    settings::FORK,
};
use gan::{checkpoint, options::TrainOptions, state::TrainState};
use std::path::{Path, PathBuf};

/// A run to go on with, or to begin another one from.
pub(crate) struct Earlier {
    pub(crate) run: RunDirectory,
    pub(crate) record: Record,
    checkpoint: PathBuf,
    pub(crate) state: TrainState,
    pub(crate) starts: Starts,
}

/// Where training goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Starts {
    /// From the newest checkpoint, in the run's own folder.
    InPlace,
    /// From an older one, in a folder of its own.
    NewRun,
    /// From any, in a folder of its own, with other options or data: `--fork`.
    Fork,
}

impl Earlier {
    /// `asked` is a run's folder, `latest` or a checkpoint.
    pub(crate) fn open(asked: &Path, outdir: &Path) -> Result<Self, InputError> {
        let of_file = asked.is_file();
        let run = match of_file {
            true => RunDirectory::of_checkpoint(asked)?,
            false => RunDirectory::open(asked, outdir)?,
        };
        let record = run.read_record()?;
        let newest = run.newest_checkpoint()?;
        let in_place = !of_file || asked.file_name() == newest.file_name();
        let starts = if in_place { Starts::InPlace } else { Starts::NewRun };
        let checkpoint = if in_place { newest } else { asked.to_owned() };
        let mut state = checkpoint::decode(&read_tensors(&checkpoint)?).map_err(|error| {
            let before = run.checkpoint_before(&checkpoint);
            let advice = before.map(|before| next_command("train --resume", &before));
            let advice = advice.map(|command| format!("; the one before: {command}"));
            InputError::new(&checkpoint, format!("{error}{}", advice.unwrap_or_default()))
        })?;
        check_options(&state.options, &record)
            .map_err(|problem| InputError::new(&checkpoint, problem))?;
        // A stop between the record of a rollback and its checkpoint leaves that of before.
        if let Some(last) = record.rollbacks.last().filter(|last| last.to_step == state.step) {
            let now = &mut state.options.hyper_parameters;
            (now.learning_rate, now.discriminator_ratio) =
                (last.learning_rate, last.discriminator_ratio);
            state.options.seed = last.seed;
        }
        Ok(Self { run, record, checkpoint, state, starts })
    }

    /// Keeps other processes from training the run, if this one goes on in its folder.
    pub(crate) fn lock(&self) -> Result<Option<RunLock>, InputError> {
        if self.starts != Starts::InPlace {
            return Ok(None);
        }
        let lock = self.run.lock()?;
        match self.run.newest_checkpoint()? == self.checkpoint {
            true => Ok(Some(lock)),
            false => {
                let problem = "another process has just gone on with it; ask again";
                Err(InputError::new(self.run.path(), problem))
            }
        }
    }

    /// The same, to begin another run from.
    pub(crate) fn forked(self) -> Self {
        Self { starts: Starts::Fork, ..self }
    }

    /// The state to go on from with options of the same networks.
    pub(crate) fn state_with(&self, options: &TrainOptions) -> TrainState {
        let mut state = self.state.clone();
        if state.options.batch != options.batch {
            // They were chosen for products of another batch.
            state.variants = None;
        }
        (state.options.batch, state.options.seed) = (options.batch, options.seed);
        state.options.hyper_parameters.take_rates(&options.hyper_parameters);
        state
    }

    fn kimg(&self) -> f64 {
        self.state.images as f64 / 1000.0
    }

    /// Says that it has seen `asked` kimg already.
    pub(crate) fn say_enough(&self) {
        let (run, kimg) = (self.run.path(), self.kimg());
        answer(run.display(), &Event::Done { run, kimg, seconds: 0.0 });
        let path = self.checkpoint.display();
        say(format_args!("{path} has seen {kimg} kimg already; ask for more with --kimg"));
    }

    pub(crate) fn check_data(&self, data: &DataRecord) -> Result<(), UsageError> {
        let run = &self.record.data;
        let kind = data.difference_of_kind(run);
        let fork = self.starts == Starts::Fork;
        let (difference, advice) = match kind {
            Some(kind) => (Some(kind), "a run's networks stay as they are"),
            None if fork => (None, ""),
            None => (data.difference(run), FORK),
        };
        match difference {
            Some(difference) => {
                Err(UsageError(format!("cannot go on with this run: {difference}; {advice}")))
            }
            None => Ok(()),
        }
    }

    /// The record of what goes on, given that of a new run.
    pub(crate) fn record_from(&self, now: Record) -> Record {
        let (device, before) = (&now.device.name, &self.record.last_device().name);
        if device != before {
            say(format_args!(
                "Note:   the run was on {before} and goes on on {device}; its numbers will differ \
                 slightly"
            ));
        }
        match self.starts {
            Starts::InPlace => self.record.going_on(&now, self.kimg()),
            Starts::NewRun | Starts::Fork => {
                let checkpoint = self.checkpoint.canonicalize();
                let checkpoint = checkpoint.unwrap_or_else(|_| self.checkpoint.clone());
                let parent = Some(ParentRecord { checkpoint, step: self.state.step });
                Record { parent, weights: None, ..now }
            }
        }
    }

    /// The seconds that the run has taken up to its checkpoint, after which its logs are cut.
    pub(crate) fn seconds(&self) -> anyhow::Result<f64> {
        let last = self.run.cut(Log::Stats, self.state.step)?;
        self.run.cut(Log::Metrics, self.state.step)?;
        Ok(last.and_then(|line| line.get("seconds")?.as_f64()).unwrap_or(0.0))
    }
}

/// Whether a checkpoint is of the run that a record is of, or how it is not.
fn check_options(options: &TrainOptions, record: &Record) -> Result<(), String> {
    let TrainOptions { preset, channels, width, batch, seed, .. } = *options;
    let data = &record.data;
    let of_run = (record.preset, [data.height, data.width], record.width);
    let seeds = record.rollbacks.iter().map(|rollback| rollback.seed);
    if (preset, options.image_size(), width) == of_run
        && (channels, batch) == (data.channels, record.batch)
        && seeds.chain([record.seed]).any(|of_run| of_run == seed)
    {
        return Ok(());
    }
    let images = kind_of_images(options.image_size(), channels);
    let width = width.map(|width| format!(", width {width}")).unwrap_or_default();
    Err(format!(
        "preset {preset} for {images} images{width}, batch {batch} and seed {seed} are not those of \
         the run's options.json"
    ))
}
