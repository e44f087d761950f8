//! What a run is asked to do: the options given, and for the others the defaults or, when going
//! on with a run, the run's own.

use crate::{args::TrainArguments, device_choice::DeviceRequest, exit::UsageError, record::Record};
use gan::networks::Preset;
use std::path::PathBuf;

/// Options with nothing left open but the preset.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) source: String,
    /// `None` for the best that fits.
    pub(crate) preset: Option<Preset>,
    pub(crate) batch: usize,
    pub(crate) kimg: f64,
    pub(crate) seed: u64,
    pub(crate) snap: f64,
    pub(crate) device: DeviceRequest,
    pub(crate) weights: Option<PathBuf>,
}

impl Settings {
    /// Those of a new run.
    pub(crate) fn new(arguments: &TrainArguments) -> Self {
        Self {
            source: arguments.data.clone().unwrap_or_else(|| "digits".to_owned()),
            preset: arguments.preset,
            batch: arguments.batch.unwrap_or(64) as usize,
            kimg: arguments.kimg.unwrap_or(300.0),
            seed: arguments.seed.unwrap_or(0),
            snap: arguments.snap.unwrap_or(20.0),
            device: arguments.device.clone().unwrap_or(DeviceRequest::Auto),
            weights: arguments.weights.clone(),
        }
    }

    /// Those to go on with a run. Its length, its snapshots and the device may change; what
    /// determines its numbers may not.
    pub(crate) fn of_run(arguments: &TrainArguments, run: &Record) -> Result<Self, UsageError> {
        let mut differences = Vec::new();
        let mut check = |option: &str, asked: Option<String>, run: String| {
            if let Some(asked) = asked.filter(|asked| *asked != run) {
                differences.push(format!("{option} is {asked}, but the run's is {run}"));
            }
        };
        let batch = arguments.batch.map(|batch| batch.to_string());
        check(
            "--preset",
            arguments.preset.map(|preset| preset.to_string()),
            run.preset.to_string(),
        );
        check("--batch", batch, run.batch.to_string());
        check("--seed", arguments.seed.map(|seed| seed.to_string()), run.seed.to_string());
        if !differences.is_empty() {
            let differences = differences.join("; ");
            return Err(UsageError(format!("cannot go on with this run: {differences}")));
        }
        let Ok(device) = run.last_device().asked.parse();
        Ok(Self {
            source: arguments.data.clone().unwrap_or_else(|| run.data.source.clone()),
            preset: Some(run.preset),
            batch: run.batch,
            kimg: arguments.kimg.unwrap_or(run.kimg),
            seed: run.seed,
            snap: arguments.snap.unwrap_or(run.snap),
            device: arguments.device.clone().unwrap_or(device),
            weights: run.weights.clone(),
        })
    }

    /// The steps in all.
    pub(crate) fn steps(&self) -> u64 {
        (self.kimg * 1000.0 / self.batch as f64).ceil() as u64
    }
}
