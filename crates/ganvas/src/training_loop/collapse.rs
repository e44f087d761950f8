//! What is said and done once training has collapsed.

use super::{Clock, EventLog, Guard, TrainingLoop};
use crate::{
    exit::Collapsed,
    next_command::next_command,
    on_collapse::OnCollapse,
    output::event,
    progress::{Event, Progress},
    record::RollbackRecord,
    run_directory::{Log, read_tensors},
};
use gan::{
    checkpoint,
    data::{Batches, DataError, Feed, Shuffled},
    health::Verdict,
    options::HyperParameters,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Times that a run goes back, each with half the learning rate of the last.
const ROLLBACKS_AT_MOST: usize = 3;

/// What is to be done.
pub(super) enum Response {
    /// Save and end.
    Stop(Verdict),
    /// Go on from an earlier checkpoint.
    GoBack(Target),
}

/// Where training goes back to, and why.
pub(super) struct Target {
    checkpoint: PathBuf,
    verdict: Verdict,
}

impl TrainingLoop<'_> {
    /// Says that the verdict is another one, and what to try if it is a bad one.
    pub(super) fn warn(&self, verdict: Verdict, progress: &Progress) {
        event(&Event::Health { step: self.trainer.steps(), verdict });
        match advice(verdict, &self.trainer.options().hyper_parameters) {
            Some(advice) => progress.say(format_args!("Health: {verdict}; {advice}")),
            None => progress.say(format_args!("Health: {verdict}")),
        }
    }

    /// What `--on-collapse` asks for now.
    pub(super) fn response_to(&self, guard: &Guard) -> Option<Response> {
        let verdict = guard.collapsed()?;
        let go_back = || {
            let left = self.record.rollbacks.len() < ROLLBACKS_AT_MOST;
            let checkpoint = left.then(|| self.healthy_checkpoint(guard)).flatten()?;
            Some(Response::GoBack(Target { checkpoint, verdict }))
        };
        match self.settings.on_collapse {
            OnCollapse::Warn => None,
            OnCollapse::Stop => Some(Response::Stop(verdict)),
            // Smaller steps or other draws move no network that larger ones do not move.
            OnCollapse::Rollback if verdict == Verdict::Stalled => Some(Response::Stop(verdict)),
            OnCollapse::Rollback => Some(go_back().unwrap_or(Response::Stop(verdict))),
        }
    }

    /// The newest checkpoint from a healthy time.
    pub(super) fn healthy_checkpoint(&self, guard: &Guard) -> Option<PathBuf> {
        self.run.checkpoint_up_to(guard.healthy_up_to())
    }

    /// Why training ended, and how it could go on.
    pub(super) fn collapsed(
        &self,
        verdict: Verdict,
        checkpoint: PathBuf,
        guard: &Guard,
    ) -> Collapsed {
        let now = &self.trainer.options().hyper_parameters;
        let healthy = self.healthy_checkpoint(guard).filter(|_| verdict != Verdict::Stalled);
        let healthy = healthy.map(|healthy| {
            let (option, _) = gentler(verdict, now);
            next_command(&format!("train --fork {option} --resume"), &healthy)
        });
        let regardless = next_command("train --on-collapse warn --resume", self.run.path());
        let advice = advice(verdict, now).unwrap_or_default();
        let rollbacks = self.record.rollbacks.len();
        Collapsed { verdict, rollbacks, advice, checkpoint, healthy, regardless }
    }

    /// Goes on from a checkpoint in gentler steps and with other draws. What came after it is set
    /// aside.
    pub(super) async fn go_back(
        &mut self,
        Target { checkpoint, verdict }: &Target,
        (progress, clock): (&Progress, &mut Clock),
        guard: &mut Guard,
    ) -> anyhow::Result<()> {
        let from_step = self.trainer.steps();
        let mut state = checkpoint::decode(&read_tensors(checkpoint)?)?;
        let now = self.trainer.options();
        let seed = now.seed.wrapping_add(1);
        state.options.seed = seed;
        let (_, gentler) = gentler(*verdict, &now.hyper_parameters);
        state.options.hyper_parameters.take_rates(&gentler);
        let HyperParameters { learning_rate, discriminator_ratio, .. } =
            state.options.hyper_parameters;
        let aside = self.run.set_aside(state.step)?;
        let (verdict, to_step) = (verdict.to_string(), state.step);
        progress.say(format_args!(
            "Health: {verdict}; going back to step {to_step} with learning rate {learning_rate}, \
             discriminator ratio {discriminator_ratio} and seed {seed}; what came after it is in {}",
            aside.display()
        ));
        let rollback = RollbackRecord {
            from_step,
            verdict,
            to_step,
            seed,
            learning_rate,
            discriminator_ratio,
        };
        event(&Event::Rollback { rollback: &rollback, aside: &aside });
        // A checkpoint never has a seed that the record lacks.
        self.record.rollbacks.push(rollback);
        self.run.write_record(&self.record)?;
        self.write_checkpoint(&state)?;
        Log::ALL.into_iter().try_for_each(|log| self.run.cut(log, to_step).map(drop))?;

        self.trainer.restore(&state)?;
        self.unlogged = state.unlogged;
        self.take_up_line()?;
        let mirror = self.settings.mirror();
        let batches = Batches::new(self.data, self.settings.batch, seed, mirror)
            .map_err(|problem| DataError::new(Path::new(&self.settings.source), problem))?;
        self.feed = Feed::new(Shuffled { data: Arc::clone(self.data), batches });
        self.events = EventLog::begin(self.run, to_step + 1)?;
        *guard = Guard::read(&self.run.read_log(Log::Stats)?);
        clock.go_back(&self.trainer);
        Ok(())
    }

    /// Writes the checkpoint of a rollback that was stopped between its record and that: training
    /// already goes on by the record.
    pub(super) async fn end_rollback(&mut self) -> anyhow::Result<()> {
        let step = self.trainer.steps();
        if self.record.rollbacks.last().is_some_and(|last| last.to_step == step) {
            let mut state = self.trainer.state().await?;
            state.unlogged = self.unlogged;
            self.write_checkpoint(&state)?;
        }
        Ok(())
    }
}

/// The rates of a run that goes back, and the option that gives them: a discriminator that wins
/// learns half as fast, and else both networks do.
fn gentler(verdict: Verdict, now: &HyperParameters) -> (String, HyperParameters) {
    let mut rates = now.clone();
    let (name, rate) = match verdict {
        Verdict::DiscriminatorWinning => ("--discriminator-ratio", &mut rates.discriminator_ratio),
        _ => ("--learning-rate", &mut rates.learning_rate),
    };
    *rate /= 2.0;
    (format!("{name} {rate}"), rates)
}

/// What to try.
fn advice(verdict: Verdict, now: &HyperParameters) -> Option<String> {
    let HyperParameters { learning_rate: rate, discriminator_ratio: ratio, .. } = *now;
    let lower = rate / 2.0;
    match verdict {
        Verdict::TooEarly | Verdict::Healthy => None,
        Verdict::ModeCollapse { .. } => Some(format!(
            "try a lower --learning-rate (such as {lower}), a higher --discriminator-ratio (such as \
             {}), a larger --batch or more images",
            ratio * 2.0
        )),
        Verdict::DiscriminatorWinning => Some(format!(
            "try a lower --discriminator-ratio (such as {}), a wider --width, more images or \
             --mirror yes",
            ratio / 2.0
        )),
        Verdict::DiscriminatorLosing { .. } => Some(format!(
            "try a lower --learning-rate (such as {lower}) or a higher --discriminator-ratio (such as \
             {})",
            ratio * 2.0
        )),
        Verdict::Stalled => Some(format!(
            "steps of {rate} no longer change a network: begin anew with another --learning-rate"
        )),
    }
}
