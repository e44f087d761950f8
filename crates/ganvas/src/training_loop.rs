//! Steps, ticks and snapshots until the run is as long as asked or something stops it.

mod clock;
mod collapse;
mod event_log;
mod guard;
mod marks;
mod measuring;

use crate::{
    exit::{Collapsed, Interrupted},
    interrupt::Interrupt,
    next_command::next_command,
    on_collapse::OnCollapse,
    output::event,
    preview::{Preview, Sheet},
    progress::{Event, Progress, Snapshot, Tick, megabytes},
    record::Record,
    run_directory::{Log, REALS, RunDirectory, read_tensors},
    settings::Settings,
};
use anyhow::Context;
use clock::Clock;
use collapse::Response;
pub(crate) use event_log::EventLog;
use gan::{
    checkpoint,
    data::{DataError, Dataset, Feed, Permutation},
    picture::grid_png,
    sampling::latents,
    state::TrainState,
    streams,
    trainer::{Metrics, Origin, PendingMetrics, TrainError, Trainer},
};
use guard::Guard;
use marks::Marks;
use measuring::Measured;
pub(crate) use measuring::Measuring;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// The least time between two ticks that are shown.
const TICK: Duration = Duration::from_secs(2);
/// Steps between two ticks that are shown, as each looks at its last step, which takes up to a tenth
/// of one.
const STEPS_BETWEEN_TICKS: u64 = 8;
/// The seeds of a run's pictures.
const PICTURES: u64 = 64;

/// A run in progress.
pub(crate) struct TrainingLoop<'a> {
    pub(crate) trainer: Trainer,
    pub(crate) data: &'a Arc<Dataset>,
    pub(crate) feed: Feed,
    pub(crate) settings: &'a Settings,
    pub(crate) run: &'a RunDirectory,
    pub(crate) events: EventLog,
    /// Seconds of earlier sessions.
    pub(crate) seconds_before: f64,
    /// Measures each snapshot.
    pub(crate) measuring: Option<Measuring>,
    /// Draws each snapshot.
    pub(crate) preview: Option<Preview>,
    /// What an earlier session left for the next line.
    pub(crate) unlogged: Option<Metrics>,
    /// What is written down of the run, to be added to.
    pub(crate) record: Record,
}

/// What a tick is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TickFor {
    /// A line of `stats.jsonl`, and to be shown where it is time.
    Log,
    /// To be shown between two lines.
    Show,
}

/// A tick whose losses are on their way.
struct PendingTick {
    metrics: PendingMetrics,
    purpose: TickFor,
    /// Steps and images before they began to be read.
    step: u64,
    images: u64,
}

/// What the generator draws of the run's seeds.
struct Fakes {
    picture: PathBuf,
    png: Vec<u8>,
    /// `[N, H, W, C]`.
    pixels: Vec<u8>,
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
        let Dataset { height, width, channels, .. } = **self.data;
        let reals = some_reals(self.data, self.settings.seed)?;
        let png = grid_png(&reals, height, width, channels)?;
        self.run.write(REALS, &png)?;
        self.events.picture(self.trainer.steps(), "reals", &png)?;
        let state = self.trainer.state().await?;
        self.write_fakes("fakes-init.png").await?;
        self.write_checkpoint(&state).map(|_| ())
    }

    /// Trains to the end.
    pub(crate) async fn run(&mut self, interrupt: &Interrupt) -> anyhow::Result<Finished> {
        let steps = self.settings.steps();
        self.run.remove_partial_files()?;
        self.end_rollback().await?;
        self.take_up_line()?;
        let progress = Progress::new(self.settings.kimg, steps, self.trainer.steps(), self.preview);
        interrupt.announce_to(&progress);
        let finished = match self.run_to(steps, interrupt, &progress).await {
            Ok(finished) => Ok(finished),
            Err(error) => Err(self.explain(error, interrupt, &progress).await),
        };
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
        let marks = Marks::new(self.settings.snap);
        let mut guard = Guard::read(&self.run.read_log(Log::Stats)?);
        let apart = STEPS_BETWEEN_TICKS * self.settings.batch as u64;
        let mut pending = None;
        loop {
            let images_before = self.trainer.images();
            self.trainer.step_from(&mut self.feed).await?;
            progress.step(self.trainer.steps());
            // No more than this step is under way now.
            tracing::trace!(step = self.trainer.steps(), "the step before is done");
            if let Some(tick) = pending.take() {
                self.end_tick(tick, progress, &mut clock, &mut guard).await?;
            }

            let signal = interrupt.signal();
            if signal.is_some() {
                interrupt.announce(progress);
            }
            let mut response = self.response_to(&guard);
            if let Some(Response::GoBack(to)) = &response {
                self.go_back(to, (progress, &mut clock), &mut guard).await?;
                continue;
            }
            let last = self.trainer.steps() >= steps || signal.is_some() || response.is_some();
            let images = self.trainer.images();
            let snapshot = last || marks.snapshot_between(images_before, images);
            if snapshot || marks.line_between(images_before, images) {
                pending = self.begin_tick(TickFor::Log).await?;
            } else if clock.since_shown() >= TICK && clock.images_since_shown(images) >= apart {
                pending = self.begin_tick(TickFor::Show).await?;
            }
            if snapshot {
                let mut metrics = None;
                if let Some(tick) = pending.take() {
                    metrics = Some(self.end_tick(tick, progress, &mut clock, &mut guard).await?);
                }
                self.trainer.finish().await?;
                let saving = Instant::now();
                let mut state = self.trainer.state().await?;
                // A line that was only written because training stops.
                state.unlogged = metrics.filter(|_| !marks.line_between(images_before, images));
                let step = state.step;
                // The checkpoint comes last: where it is, all that belongs to it is.
                let Fakes { picture, png, pixels } =
                    self.write_fakes(&format!("fakes-{step:08}.png")).await?;
                // A run that is stopped between two snapshots is as long as it was when it goes on.
                if marks.snapshot_between(images_before, images) || step >= steps {
                    self.measure(progress).await?;
                }
                let checkpoint = self.write_checkpoint(&state)?;
                self.prune(progress, &guard);
                let shape = [self.data.height, self.data.width, self.data.channels];
                let sheet = Sheet { png: &png, pixels: &pixels, shape, in_strip: 1 };
                let (drawn, saved) = (&picture, &checkpoint);
                progress.snapshot(&Snapshot { step, drawn, saved, sheet })?;
                tracing::info!(step, took = ?saving.elapsed(), "snapshot");
                clock.leave_out(saving.elapsed());
                if let Some(signal) = signal.filter(|_| step < steps) {
                    let go_on = next_command("train --resume", self.run.path());
                    return Err(Interrupted { signal, checkpoint, go_on }.into());
                }
                // The last line may be the one that shows it.
                if response.is_none() && last {
                    response = self.response_to(&guard);
                }
                if let Some(Response::GoBack(to)) = &response {
                    self.go_back(to, (progress, &mut clock), &mut guard).await?;
                    continue;
                }
                if let Some(Response::Stop(verdict)) = response {
                    return Err(self.collapsed(verdict, checkpoint, &guard).into());
                }
                if last {
                    let seconds = clock.session().as_secs_f64();
                    return Ok(Finished { picture, seconds });
                }
            }
        }
    }

    /// Lets the next line be over the steps of the last one too, where that was only written because
    /// training stopped: lines are then where they are without a stop.
    fn take_up_line(&mut self) -> anyhow::Result<()> {
        let step = self.trainer.steps();
        if let Some(metrics) = self.unlogged.take().filter(|m| (1..=step).contains(&m.steps)) {
            self.run.cut(Log::Stats, step - 1)?;
            self.trainer.count_again(&metrics);
        }
        Ok(())
    }

    /// Begins to read the losses; `None` if there are none since the last tick.
    async fn begin_tick(&mut self, purpose: TickFor) -> anyhow::Result<Option<PendingTick>> {
        let (step, images) = (self.trainer.steps(), self.trainer.images());
        let metrics = match purpose {
            TickFor::Log => self.trainer.begin_metrics().await?,
            TickFor::Show => self.trainer.glance_at_metrics().await?,
        };
        Ok(metrics.map(|metrics| PendingTick { metrics, purpose, step, images }))
    }

    async fn end_tick(
        &mut self,
        tick: PendingTick,
        progress: &Progress,
        clock: &mut Clock,
        guard: &mut Guard,
    ) -> anyhow::Result<Metrics> {
        let PendingTick { metrics, purpose, step, images } = tick;
        let (metrics, signals) = metrics.observe().await?;
        let mut tick = Tick::new(&metrics, &signals, step, images);
        tick.memory_bytes = self.trainer.memory().iter().map(tensor_ops::Memory::total).sum();
        let changed;
        (tick.health.verdict, changed) = match purpose {
            TickFor::Log => guard.judge(&tick),
            TickFor::Show => (guard.glance(&tick), false),
        };
        tick.seconds = self.seconds_before + clock.session().as_secs_f64();
        let steps = self.settings.steps();
        if clock.since_shown() >= TICK || step >= steps {
            tick.images_per_second = clock.shown(images);
            progress.tick(&tick, clock.time_for(steps.saturating_sub(step), step));
        }
        if purpose == TickFor::Log {
            tick.images_per_second = clock.logged(images);
            self.run.append(Log::Stats, &serde_json::to_string(&tick)?)?;
            self.events.tick(&tick)?;
        }
        if changed {
            self.warn(tick.health.verdict, progress);
        }
        Ok(metrics)
    }

    /// Writes down the scores of what the generator draws, where they are asked for.
    async fn measure(&mut self, progress: &Progress) -> anyhow::Result<()> {
        let Some(measuring) = &mut self.measuring else { return Ok(()) };
        let Measured { line, words } = measuring.measure(&mut self.trainer).await?;
        // It may have been measured before a crash, or before the run was made longer.
        let step = self.trainer.steps();
        self.run.cut(Log::Metrics, step.saturating_sub(1))?;
        self.run.append(Log::Metrics, &line.to_string())?;
        self.events.numbers(step, &line)?;
        event(&Event::Metrics(&line));
        progress.say(words);
        Ok(())
    }

    fn write_checkpoint(&self, state: &TrainState) -> anyhow::Result<PathBuf> {
        let bytes = checkpoint::encode(state)?;
        // A checkpoint never has steps that the log lacks.
        self.run.sync_logs()?;
        let checkpoint = self.run.write_checkpoint(state.step, &bytes)?;
        tracing::debug!(path = %checkpoint.display(), size = megabytes(bytes.len() as u64), "saved");
        Ok(checkpoint)
    }

    /// Removes checkpoints beyond those to keep. A file that stays where it should not costs room
    /// and no work, so that it ends no training.
    fn prune(&self, progress: &Progress, guard: &Guard) {
        let Some(keep) = self.settings.keep else { return };
        let rollback = self.settings.on_collapse == OnCollapse::Rollback;
        let needed = rollback.then(|| self.healthy_checkpoint(guard)).flatten();
        if rollback && needed.is_none() {
            // The oldest may become the one to go back to.
            return;
        }
        if let Err(error) = self.run.prune(keep, needed.as_deref()) {
            progress.say(format_args!("Note:   {error:#}"));
        }
    }

    /// Says with an error from where training can go on, and of a number that is not finite where it
    /// arose.
    async fn explain(
        &mut self,
        error: anyhow::Error,
        interrupt: &Interrupt,
        progress: &Progress,
    ) -> anyhow::Error {
        if error.is::<Interrupted>() || error.is::<Collapsed>() {
            return error;
        }
        let Ok(checkpoint) = self.run.newest_checkpoint() else {
            return error.context("training stopped before the first checkpoint");
        };
        let last = format!("the last checkpoint is {}", checkpoint.display());
        match error.downcast_ref::<TrainError>() {
            Some(TrainError::NotFinite { .. }) => {
                match self.find_origin(&checkpoint, interrupt, progress).await {
                    Ok(Some(origin)) => error.context(format!(
                        "training stopped; {last}; the first number that is not finite is in \
                         {origin}"
                    )),
                    Ok(None) => error.context(format!("training stopped; {last}")),
                    Err(why) => error.context(format!(
                        "training stopped; {last}; the layer could not be found ({why:#})"
                    )),
                }
            }
            _ => {
                let go_on = next_command("train --resume", self.run.path());
                error.context(format!("training stopped; {last}; go on from there with: {go_on}"))
            }
        }
    }

    /// Repeats the steps since a checkpoint until one yields a number that is not finite, or a signal
    /// arrives.
    async fn find_origin(
        &mut self,
        checkpoint: &Path,
        interrupt: &Interrupt,
        progress: &Progress,
    ) -> anyhow::Result<Option<Origin>> {
        let state = checkpoint::decode(&read_tensors(checkpoint)?)?;
        progress.say(format_args!(
            "a number is not finite: repeating the steps since {} to find its layer; Ctrl-C ends \
             the search",
            checkpoint.display()
        ));
        let go_on = || interrupt.signal().is_none();
        let origin = self.trainer.find_origin(&state, &mut self.feed, go_on).await;
        origin.context("the steps could not be repeated")
    }

    async fn write_fakes(&mut self, name: &str) -> anyhow::Result<Fakes> {
        let Dataset { height, width, channels, .. } = **self.data;
        let latents: Vec<f32> = (0..PICTURES).flat_map(latents).collect();
        let pixels = self.trainer.sampler().await?.pictures(&latents).await?;
        let png = grid_png(&pixels, height, width, channels)?;
        let picture = self.run.write(name, &png)?;
        self.events.picture(self.trainer.steps(), "fakes", &png)?;
        Ok(Fakes { picture, png, pixels })
    }
}

/// The pixels of a run's picture of reals: images from all over the data, the same for the same
/// seed.
fn some_reals(data: &Dataset, seed: u64) -> Result<Vec<u8>, DataError> {
    let images = u32::try_from(data.count).unwrap_or(u32::MAX);
    let order = Permutation::new(images, seed, 0, streams::PICTURE_OF_REALS);
    let mut chosen = (0..images).take(PICTURES as usize).map(|place| order.at(place) as usize);
    let mut pixels = Vec::new();
    chosen.try_for_each(|index| data.append_image(index, &mut pixels))?;
    Ok(pixels)
}

#[cfg(test)]
mod tests;
