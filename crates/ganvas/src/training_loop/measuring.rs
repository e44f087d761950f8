//! Scores of a run's pictures at its snapshots.

use crate::{
    device_choice::ChosenDevice,
    metrics::{Judge, Outcome, judge, pictures_of_seeds},
    output::say,
    settings::Settings,
};
use ::metrics::{Reference, Score, Selection};
use gan::{data::Dataset, trainer::Trainer};
use serde_json::{Value, json};

/// What a run's pictures are compared with.
pub(crate) struct Measuring {
    reference: Reference,
    judge: Judge,
}

/// What was measured at a snapshot.
pub(super) struct Measured {
    /// A line of `metrics.jsonl`.
    pub(super) line: Value,
    /// In a few words.
    pub(super) words: String,
}

impl Measuring {
    /// Looks at the real images; `None` where nothing is to be measured.
    pub(crate) async fn begin(
        settings: &Settings,
        data: &Dataset,
        device: &ChosenDevice,
    ) -> anyhow::Result<Option<Self>> {
        let scores = &settings.scores;
        let kinds = scores.metrics.0.clone();
        if kinds.is_empty() {
            return Ok(None);
        }
        let preparation = settings.preparation();
        let judge = judge(&scores.classifier, &settings.source, data, &preparation, device).await?;
        judge.check(&scores.metrics)?;
        say(format_args!("Scores: of {} pictures, by {}", scores.images, judge.describe()));
        let selection = Selection { kinds, images: scores.images };
        let reference =
            Reference::new(&device.device, &judge.network, data, selection, &mut |_, _| {}).await?;
        Ok(Some(Self { reference, judge }))
    }

    /// Measures the pictures of the average.
    pub(super) async fn measure(&mut self, trainer: &mut Trainer) -> anyhow::Result<Measured> {
        let images = self.reference.images();
        let mut features = self.reference.extractor().none();
        let sampler = trainer.sampler().await?;
        for seeds in pictures_of_seeds(images) {
            let pixels = sampler.pictures(&seeds).await?;
            features.append(self.reference.extractor().features(&pixels).await?);
        }
        let report = self.reference.measure(features).await?;
        let outcome = Outcome { report, judge: &self.judge };
        let classes = outcome.report.classes;
        let in_words = |&(name, score): &(&str, Score)| in_words(name, score, classes);
        let words: Vec<String> = outcome.report.scores.iter().map(in_words).collect();
        let line = json!({
            "step": trainer.steps(),
            "kimg": trainer.images() as f64 / 1000.0,
            "metrics": outcome.scores(),
        });
        Ok(Measured { line, words: words.join("  ") })
    }
}

fn in_words(name: &str, Score { value, floor }: Score, classes: usize) -> String {
    match name {
        "modes" => format!("{name} {value:.0} of {classes} (floor {floor:.0})"),
        _ => format!("{name} {value:.2} (floor {floor:.2})"),
    }
}
