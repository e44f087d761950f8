//! Steps, ticks and snapshots until the run is as long as asked or something stops it.

use crate::{
    exit::Interrupted,
    interrupt::Interrupt,
    progress::{Progress, Tick, megabytes},
    run_directory::RunDirectory,
    settings::Settings,
};
use anyhow::Context;
use gan::{
    checkpoint,
    data::{Batches, Dataset},
    picture::grid_png,
    sampling::latents,
    trainer::Trainer,
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// The least time between two ticks.
const TICK: Duration = Duration::from_secs(2);
/// The seeds of a run's pictures.
const PICTURES: u64 = 64;

/// A run in progress.
pub(crate) struct TrainingLoop<'a> {
    pub(crate) trainer: Trainer,
    pub(crate) data: &'a Dataset,
    pub(crate) batches: Batches,
    pub(crate) settings: &'a Settings,
    pub(crate) run: &'a RunDirectory,
    /// Seconds of earlier sessions.
    pub(crate) seconds_before: f64,
}

/// What a finished run leaves.
pub(crate) struct Finished {
    /// The last picture.
    pub(crate) picture: PathBuf,
    /// How long this session took.
    pub(crate) seconds: f64,
}

impl TrainingLoop<'_> {
    /// Writes what the run starts from: `reals.png` and `fakes-init.png`.
    pub(crate) async fn write_first_pictures(&mut self) -> anyhow::Result<()> {
        let Dataset { height, width, channels, .. } = *self.data;
        let count = (PICTURES as usize).min(self.data.count);
        let reals: Vec<u8> =
            (0..count).filter_map(|i| self.data.image(i)).flatten().copied().collect();
        self.run.write("reals.png", &grid_png(&reals, height, width, channels)?)?;
        self.write_fakes("fakes-init.png").await?;
        Ok(())
    }

    /// Trains to the end.
    pub(crate) async fn run(&mut self, interrupt: &Interrupt) -> anyhow::Result<Finished> {
        let steps = self.settings.steps();
        let progress = Progress::new(self.settings.kimg, steps, self.trainer.steps());
        let mut clock = Clock::start(&self.trainer);
        let mut pixels = Vec::new();
        loop {
            self.batches.pixels(self.data, self.trainer.steps(), &mut pixels);
            let images_before = self.trainer.images();
            self.trainer.step(&pixels).await?;
            progress.step(self.trainer.steps());

            let signal = interrupt.signal();
            let last = self.trainer.steps() >= steps || signal.is_some();
            let snapshot = last || self.snapshot_between(images_before, self.trainer.images());
            if snapshot || clock.since_tick() >= TICK {
                self.tick(&progress, &mut clock).await?;
            }
            if snapshot {
                let saving = Instant::now();
                let (picture, checkpoint) = self.snapshot().await?;
                tracing::info!(step = self.trainer.steps(), took = ?saving.elapsed(), "snapshot");
                clock.skip(&self.trainer);
                if let Some(signal) = signal.filter(|_| self.trainer.steps() < steps) {
                    return Err(Interrupted { signal, checkpoint }.into());
                }
                if last {
                    let seconds = clock.started.elapsed().as_secs_f64();
                    return Ok(Finished { picture, seconds });
                }
                progress.say(format_args!("wrote {}", picture.display()));
            }
        }
    }

    /// Whether a multiple of `--snap` lies in `(before, after]`.
    fn snapshot_between(&self, before: u64, after: u64) -> bool {
        let snaps = |images: u64| (images as f64 / (self.settings.snap * 1000.0)).floor();
        snaps(after) > snaps(before)
    }

    async fn tick(&mut self, progress: &Progress, clock: &mut Clock) -> anyhow::Result<()> {
        let checkpoint = || match self.run.newest_checkpoint() {
            Ok(path) => format!("training stopped; the last checkpoint is {}", path.display()),
            Err(_) => "training stopped before the first checkpoint".to_owned(),
        };
        let Some(metrics) = self.trainer.metrics().await.with_context(checkpoint)? else {
            return Ok(());
        };
        let (step, images) = (self.trainer.steps(), self.trainer.images());
        let mut tick = Tick::new(&metrics, step, images);
        tick.images_per_second = clock.images_per_second(images);
        tick.seconds = self.seconds_before + clock.started.elapsed().as_secs_f64();
        let steps_left = self.settings.steps().saturating_sub(step);
        progress.tick(&tick, clock.time_for(steps_left, step));
        self.run.append_stats(&serde_json::to_string(&tick)?)?;
        clock.skip(&self.trainer);
        Ok(())
    }

    async fn snapshot(&mut self) -> anyhow::Result<(PathBuf, PathBuf)> {
        let step = self.trainer.steps();
        let state = self.trainer.state().await?;
        let picture = self.write_fakes(&format!("fakes-{step:08}.png")).await?;
        let bytes = checkpoint::encode(&state)?;
        let checkpoint = self.run.write_checkpoint(step, &bytes)?;
        tracing::debug!(path = %checkpoint.display(), size = megabytes(bytes.len() as u64), "saved");
        Ok((picture, checkpoint))
    }

    async fn write_fakes(&mut self, name: &str) -> anyhow::Result<PathBuf> {
        let Dataset { height, width, channels, .. } = *self.data;
        let latents: Vec<f32> = (0..PICTURES).flat_map(latents).collect();
        let fakes = self.trainer.pictures(&latents).await?;
        self.run.write(name, &grid_png(&fakes, height, width, channels)?)
    }
}

/// Measures speed between ticks, and over the session.
struct Clock {
    started: Instant,
    first_step: u64,
    ticked: Instant,
    images_at_tick: u64,
}

impl Clock {
    fn start(trainer: &Trainer) -> Self {
        let now = Instant::now();
        let (first_step, images_at_tick) = (trainer.steps(), trainer.images());
        Self { started: now, first_step, ticked: now, images_at_tick }
    }

    fn since_tick(&self) -> Duration {
        self.ticked.elapsed()
    }

    /// Lets the next tick measure from now on.
    fn skip(&mut self, trainer: &Trainer) {
        self.ticked = Instant::now();
        self.images_at_tick = trainer.images();
    }

    fn images_per_second(&self, images: u64) -> f64 {
        let seconds = self.since_tick().as_secs_f64().max(1e-9);
        (images - self.images_at_tick) as f64 / seconds
    }

    /// The time for so many more steps, as fast as this session's up to `step`.
    fn time_for(&self, steps_left: u64, step: u64) -> Option<Duration> {
        let done = step.checked_sub(self.first_step).filter(|&done| done > 0 && steps_left > 0)?;
        let seconds = self.started.elapsed().as_secs_f64() / done as f64 * steps_left as f64;
        Duration::try_from_secs_f64(seconds).ok()
    }
}
