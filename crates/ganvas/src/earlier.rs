//! Going on with an earlier run.

use crate::{
    exit::{InputError, UsageError},
    progress::say,
    record::{DataRecord, ParentRecord, Record},
    run_directory::{RunDirectory, read_tensors},
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
        let state = checkpoint::decode(&read_tensors(&checkpoint)?)
            .map_err(|error| InputError::new(&checkpoint, error.to_string()))?;
        let TrainOptions { preset, channels, batch, seed, .. } = state.options;
        let Record { data, .. } = &record;
        if (preset, channels, batch, seed)
            != (record.preset, data.channels, record.batch, record.seed)
        {
            let problem = format!(
                "preset {preset}, {channels} channels, batch {batch} and seed {seed} are not those \
                 of the run's options.json"
            );
            return Err(InputError::new(&checkpoint, problem));
        }
        Ok(Self { run, record, checkpoint, state, starts })
    }

    fn kimg(&self) -> f64 {
        self.state.images as f64 / 1000.0
    }

    pub(crate) fn say_enough(&self) {
        let (path, kimg) = (self.checkpoint.display(), self.kimg());
        say(format_args!("{path} has seen {kimg} kimg already; ask for more with --kimg"));
    }

    pub(crate) fn check_data(&self, data: &DataRecord) -> Result<(), UsageError> {
        match data.difference(&self.record.data) {
            Some(difference) => {
                Err(UsageError(format!("cannot go on with this run: {difference}")))
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
            Starts::NewRun => {
                let checkpoint = self.checkpoint.canonicalize();
                let checkpoint = checkpoint.unwrap_or_else(|_| self.checkpoint.clone());
                let parent = Some(ParentRecord { checkpoint, step: self.state.step });
                Record { parent, weights: None, ..now }
            }
        }
    }

    /// The seconds that the run has taken up to its checkpoint, after which its statistics are cut.
    pub(crate) fn seconds(&self) -> anyhow::Result<f64> {
        let last = self.run.cut_stats(self.state.step)?;
        Ok(last.and_then(|line| line.get("seconds")?.as_f64()).unwrap_or(0.0))
    }
}
