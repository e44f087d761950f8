//! What a run is asked to do: the options given, and for the others the defaults or, when going
//! on with a run, the run's own.

use crate::{
    args::{ImageArguments, TrainArguments},
    device_choice::DeviceRequest,
    exit::UsageError,
    metrics::args::Scores,
    on_collapse::OnCollapse,
    record::Record,
};
use gan::{
    data::{BadFiles, Fit, Mirror, Preparation},
    networks::{DEFAULT_WIDTH, Preset},
    options::{HyperParameters, TrainOptions},
    state::TrainState,
};
use std::{num::NonZeroUsize, path::PathBuf};

/// Options with nothing left open but the preset.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) source: String,
    /// Height and width; `None` for those that fit the data.
    pub(crate) size: Option<[usize; 2]>,
    /// `None` for those that fit the data.
    pub(crate) channels: Option<usize>,
    pub(crate) fit: Fit,
    pub(crate) mirror: bool,
    pub(crate) skip_bad: bool,
    /// `None` for the best that fits.
    pub(crate) preset: Option<Preset>,
    /// The base width of `dcgan`, if asked for.
    pub(crate) width: Option<usize>,
    pub(crate) batch: usize,
    pub(crate) learning_rate: f64,
    pub(crate) discriminator_ratio: f64,
    pub(crate) on_collapse: OnCollapse,
    pub(crate) kimg: f64,
    pub(crate) seed: u64,
    pub(crate) snap: f64,
    /// How many checkpoints stay; `None` for all.
    pub(crate) keep: Option<NonZeroUsize>,
    pub(crate) scores: Scores,
    pub(crate) device: DeviceRequest,
    pub(crate) weights: Option<PathBuf>,
    begins: Begins,
}

/// Where training begins: a run that goes on has done some.
#[derive(Clone, Copy, Debug, Default)]
struct Begins {
    step: u64,
    images: u64,
}

impl Settings {
    /// Those of a new run.
    pub(crate) fn new(arguments: &TrainArguments) -> Self {
        let ImageArguments { size, channels, fit, mirror, skip_bad } = arguments.images;
        let HyperParameters { learning_rate, discriminator_ratio, .. } = HyperParameters::default();
        Self {
            source: arguments.data.clone().unwrap_or_else(|| "digits".to_owned()),
            size,
            channels,
            fit: fit.unwrap_or_default(),
            mirror: mirror.unwrap_or(false),
            skip_bad,
            preset: arguments.preset,
            width: arguments.width.map(|width| width as usize),
            batch: arguments.batch.unwrap_or(64) as usize,
            learning_rate: arguments.learning_rate.unwrap_or(learning_rate),
            discriminator_ratio: arguments.discriminator_ratio.unwrap_or(discriminator_ratio),
            on_collapse: arguments.on_collapse.unwrap_or_default(),
            kimg: arguments.kimg.unwrap_or(300.0),
            seed: arguments.seed.unwrap_or(0),
            snap: arguments.snap.unwrap_or(20.0),
            keep: arguments.keep,
            scores: arguments.scores.over(Scores::default()),
            device: arguments.device.clone().unwrap_or(DeviceRequest::Auto),
            weights: arguments.weights.clone(),
            begins: Begins::default(),
        }
    }

    /// Those to go on with a run from one of its states. Its length, its snapshots and the device
    /// may change; what determines its numbers may only in a fork, and its networks never.
    pub(crate) fn of_run(
        arguments: &TrainArguments,
        run: &Record,
        state: &TrainState,
    ) -> Result<Self, UsageError> {
        check_differences(arguments, run, &state.options)?;
        let ImageArguments { fit, mirror, skip_bad, .. } = arguments.images;
        // The run's own data are prepared as they were; others have to come out alike.
        let (size, channels) = match &arguments.data {
            Some(_) => (Some([run.data.height, run.data.width]), Some(run.data.channels)),
            None => (run.size, run.channels),
        };
        let HyperParameters { learning_rate, discriminator_ratio, .. } =
            state.options.hyper_parameters;
        let Ok(device) = run.last_device().asked.parse();
        Ok(Self {
            source: arguments.data.clone().unwrap_or_else(|| run.data.source.clone()),
            size,
            channels,
            fit: fit.unwrap_or(run.fit),
            mirror: mirror.unwrap_or(run.mirror),
            skip_bad: skip_bad || run.skip_bad,
            preset: Some(run.preset),
            width: run.width,
            batch: arguments.batch.map_or(run.batch, |batch| batch as usize),
            // The state's: a run that was rolled back goes on with other ones than it began with.
            learning_rate: arguments.learning_rate.unwrap_or(learning_rate),
            discriminator_ratio: arguments.discriminator_ratio.unwrap_or(discriminator_ratio),
            on_collapse: arguments.on_collapse.unwrap_or(run.on_collapse),
            kimg: arguments.kimg.unwrap_or(run.kimg),
            seed: arguments.seed.unwrap_or(state.options.seed),
            snap: arguments.snap.unwrap_or(run.snap),
            keep: arguments.keep.or(run.keep),
            scores: arguments.scores.over(run.scores.clone()),
            device: arguments.device.clone().unwrap_or(device),
            weights: run.weights.clone(),
            begins: Begins { step: state.step, images: state.images },
        })
    }

    /// How images are prepared.
    pub(crate) fn preparation(&self) -> Preparation {
        let bad_files = if self.skip_bad { BadFiles::Skip } else { BadFiles::Refuse };
        Preparation { size: self.size, channels: self.channels, fit: self.fit, bad_files }
    }

    /// Whether mirror images are images too.
    pub(crate) fn mirror(&self) -> Mirror {
        if self.mirror { Mirror::Yes } else { Mirror::No }
    }

    /// The steps in all, those done before among them.
    pub(crate) fn steps(&self) -> u64 {
        let Begins { step, images } = self.begins;
        let left = (self.kimg * 1000.0 - images as f64).max(0.0);
        step + (left / self.batch as f64).ceil() as u64
    }
}

/// Refuses what differs from the run's and may not.
fn check_differences(
    arguments: &TrainArguments,
    run: &Record,
    now: &TrainOptions,
) -> Result<(), UsageError> {
    let (mut fixed, mut forkable) = (Vec::new(), Vec::new());
    let check =
        |differences: &mut Vec<String>, option: &str, asked: Option<String>, run: String| {
            if let Some(asked) = asked.filter(|asked| *asked != run) {
                differences.push(format!("{option} is {asked}, but the run's is {run}"));
            }
        };
    let ImageArguments { size, channels, fit, mirror, .. } = &arguments.images;
    let by = |[height, width]: [usize; 2]| format!("{width}x{height}");
    let networks = [
        ("--preset", arguments.preset.map(|preset| preset.to_string()), run.preset.to_string()),
        ("--size", size.map(by), by([run.data.height, run.data.width])),
        (
            "--channels",
            channels.map(|channels| channels.to_string()),
            run.data.channels.to_string(),
        ),
        (
            "--width",
            arguments.width.map(|width| width.to_string()),
            run.width.unwrap_or(DEFAULT_WIDTH).to_string(),
        ),
    ];
    for (option, asked, run) in networks {
        check(&mut fixed, option, asked, run);
    }
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let HyperParameters { learning_rate: rate, discriminator_ratio: ratio, .. } =
        now.hyper_parameters;
    let number = |number: f64| number.to_string();
    let word = |fit: Fit| if fit == Fit::Pad { "pad" } else { "crop" }.to_owned();
    let others = [
        ("--batch", arguments.batch.map(|batch| batch.to_string()), run.batch.to_string()),
        ("--seed", arguments.seed.map(|seed| seed.to_string()), now.seed.to_string()),
        ("--learning-rate", arguments.learning_rate.map(number), number(rate)),
        ("--discriminator-ratio", arguments.discriminator_ratio.map(number), number(ratio)),
        ("--mirror", mirror.map(yes_or_no), yes_or_no(run.mirror)),
        ("--fit", fit.map(word), word(run.fit)),
    ];
    if !arguments.fork {
        for (option, asked, run) in others {
            check(&mut forkable, option, asked, run);
        }
    }
    if !fixed.is_empty() {
        let differences = [fixed, forkable].concat().join("; ");
        let why = "a run's networks stay as they are, so begin a run without --resume for others";
        return Err(UsageError(format!("cannot go on with this run: {differences}; {why}")));
    }
    if !forkable.is_empty() {
        let differences = forkable.join("; ");
        return Err(UsageError(format!("cannot go on with this run: {differences}; {FORK}")));
    }
    Ok(())
}

/// What to do where a run cannot go on as asked.
pub(crate) const FORK: &str = "add --fork to start a new run from where this one stands";
