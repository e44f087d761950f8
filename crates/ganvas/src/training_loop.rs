//! Steps, ticks and snapshots until the run is as long as asked or something stops it.

use crate::{
    exit::Interrupted,
    interrupt::Interrupt,
    next_command::next_command,
    progress::{Progress, Tick, megabytes},
    run_directory::RunDirectory,
    settings::Settings,
};
use anyhow::Context;
use gan::{
    checkpoint,
    data::{Dataset, Feed, Permutation},
    picture::grid_png,
    sampling::latents,
    streams,
    trainer::{PendingMetrics, TrainError, Trainer},
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
    pub(crate) feed: Feed,
    pub(crate) settings: &'a Settings,
    pub(crate) run: &'a RunDirectory,
    /// Seconds of earlier sessions.
    pub(crate) seconds_before: f64,
}

/// A tick whose losses are on their way.
struct PendingTick {
    metrics: PendingMetrics,
    /// Steps and images before they began to be read.
    step: u64,
    images: u64,
}

/// What a finished run leaves.
pub(crate) struct Finished {
    /// The last picture.
    pub(crate) picture: PathBuf,
    /// How long this session took.
    pub(crate) seconds: f64,
}

impl TrainingLoop<'_> {
    /// Writes what the run starts from: `reals.png`, `fakes-init.png` and a checkpoint.
    pub(crate) async fn write_start(&mut self) -> anyhow::Result<()> {
        let Dataset { height, width, channels, .. } = *self.data;
        let reals = some_reals(self.data, self.settings.seed);
        self.run.write("reals.png", &grid_png(&reals, height, width, channels)?)?;
        self.write_fakes("fakes-init.png").await?;
        self.write_checkpoint().await?;
        Ok(())
    }

    /// Trains to the end.
    pub(crate) async fn run(&mut self, interrupt: &Interrupt) -> anyhow::Result<Finished> {
        let steps = self.settings.steps();
        let progress = Progress::new(self.settings.kimg, steps, self.trainer.steps());
        interrupt.announce_to(&progress);
        let finished = self.run_to(steps, interrupt, &progress).await;
        progress.end();
        finished
    }

    async fn run_to(
        &mut self,
        steps: u64,
        interrupt: &Interrupt,
        progress: &Progress,
    ) -> anyhow::Result<Finished> {
        let mut clock = Clock::start(&self.trainer);
        let mut pending = None;
        loop {
            let images_before = self.trainer.images();
            self.trainer.step_from(&mut self.feed).await?;
            progress.step(self.trainer.steps());
            // No more than this step is under way now.
            tracing::trace!(step = self.trainer.steps(), "the step before is done");
            if let Some(tick) = pending.take() {
                self.end_tick(tick, progress, &mut clock).await?;
            }

            let signal = interrupt.signal();
            if signal.is_some() {
                interrupt.announce(progress);
            }
            let last = self.trainer.steps() >= steps || signal.is_some();
            let snapshot = last || self.snapshot_between(images_before, self.trainer.images());
            if last || clock.since_tick() >= TICK {
                pending = self.begin_tick().await?;
            }
            if snapshot {
                if let Some(tick) = pending.take() {
                    self.end_tick(tick, progress, &mut clock).await?;
                }
                self.trainer.finish().await?;
                let saving = Instant::now();
                let checkpoint = self.write_checkpoint().await?;
                let step = self.trainer.steps();
                let picture = self.write_fakes(&format!("fakes-{step:08}.png")).await?;
                tracing::info!(step, took = ?saving.elapsed(), "snapshot");
                clock.leave_out(saving.elapsed());
                if let Some(signal) = signal.filter(|_| step < steps) {
                    let go_on = next_command("train --resume", self.run.path());
                    return Err(Interrupted { signal, checkpoint, go_on }.into());
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

    /// Begins to read the losses; `None` if there are none since the last tick.
    async fn begin_tick(&mut self) -> anyhow::Result<Option<PendingTick>> {
        let (step, images) = (self.trainer.steps(), self.trainer.images());
        let metrics = self.trainer.begin_metrics().await?;
        Ok(metrics.map(|metrics| PendingTick { metrics, step, images }))
    }

    async fn end_tick(
        &self,
        tick: PendingTick,
        progress: &Progress,
        clock: &mut Clock,
    ) -> anyhow::Result<()> {
        let PendingTick { metrics, step, images } = tick;
        let metrics = self.with_last_checkpoint(metrics.get().await)?;
        let mut tick = Tick::new(&metrics, step, images);
        tick.images_per_second = clock.images_per_second(images);
        tick.seconds = self.seconds_before + clock.started.elapsed().as_secs_f64();
        let steps_left = self.settings.steps().saturating_sub(step);
        progress.tick(&tick, clock.time_for(steps_left, step));
        self.run.append_stats(&serde_json::to_string(&tick)?)?;
        clock.ticked(images);
        Ok(())
    }

    async fn write_checkpoint(&mut self) -> anyhow::Result<PathBuf> {
        let state = self.trainer.state().await;
        let state = self.with_last_checkpoint(state)?;
        let bytes = checkpoint::encode(&state)?;
        let checkpoint = self.run.write_checkpoint(state.step, &bytes)?;
        tracing::debug!(path = %checkpoint.display(), size = megabytes(bytes.len() as u64), "saved");
        Ok(checkpoint)
    }

    /// Says with an error from where training can go on.
    fn with_last_checkpoint<T>(&self, result: Result<T, TrainError>) -> anyhow::Result<T> {
        result.with_context(|| match self.run.newest_checkpoint() {
            Ok(path) => format!("training stopped; the last checkpoint is {}", path.display()),
            Err(_) => "training stopped before the first checkpoint".to_owned(),
        })
    }

    async fn write_fakes(&mut self, name: &str) -> anyhow::Result<PathBuf> {
        let Dataset { height, width, channels, .. } = *self.data;
        let latents: Vec<f32> = (0..PICTURES).flat_map(latents).collect();
        let fakes = self.trainer.pictures(&latents).await?;
        self.run.write(name, &grid_png(&fakes, height, width, channels)?)
    }
}

/// The pixels of a run's picture of reals: images from all over the data, the same for the same
/// seed.
fn some_reals(data: &Dataset, seed: u64) -> Vec<u8> {
    let images = u32::try_from(data.count).unwrap_or(u32::MAX);
    let order = Permutation::new(images, seed, 0, streams::PICTURE_OF_REALS);
    let chosen = (0..images).take(PICTURES as usize).map(|place| order.at(place) as usize);
    chosen.filter_map(|index| data.image(index)).flatten().copied().collect()
}

/// Measures speed between ticks, and over the session.
struct Clock {
    started: Instant,
    first_step: u64,
    last_tick: Instant,
    images_at_tick: u64,
    /// The time of snapshots since the last tick.
    left_out: Duration,
}

impl Clock {
    fn start(trainer: &Trainer) -> Self {
        let now = Instant::now();
        let (first_step, images_at_tick) = (trainer.steps(), trainer.images());
        let left_out = Duration::ZERO;
        Self { started: now, first_step, last_tick: now, images_at_tick, left_out }
    }

    fn since_tick(&self) -> Duration {
        self.last_tick.elapsed()
    }

    /// Lets the next tick measure from now on, when so many images are done.
    fn ticked(&mut self, images: u64) {
        self.last_tick = Instant::now();
        self.images_at_tick = images;
        self.left_out = Duration::ZERO;
    }

    /// Keeps a snapshot's time out of the speed.
    fn leave_out(&mut self, time: Duration) {
        self.left_out += time;
    }

    fn images_per_second(&self, images: u64) -> f64 {
        let training = self.since_tick().saturating_sub(self.left_out);
        let seconds = training.as_secs_f64().max(1e-9);
        (images - self.images_at_tick) as f64 / seconds
    }

    /// The time for so many more steps, as fast as this session's up to `step`.
    fn time_for(&self, steps_left: u64, step: u64) -> Option<Duration> {
        let done = step.checked_sub(self.first_step).filter(|&done| done > 0 && steps_left > 0)?;
        let seconds = self.started.elapsed().as_secs_f64() / done as f64 * steps_left as f64;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reals_come_from_all_over_the_data_and_differ_by_seed() {
        let data = Dataset::digits().unwrap();
        let reals = some_reals(&data, 0);
        assert_eq!(reals.len(), 64 * 784);
        assert!(reals == some_reals(&data, 0));
        assert!(reals != some_reals(&data, 1));
        assert!(reals != data.pixels[..64 * 784], "not the first in the order of their paths");
        let few = Dataset { count: 3, pixels: data.pixels[..3 * 784].to_vec(), ..data };
        assert_eq!(some_reals(&few, 0).len(), 3 * 784);
    }
}
