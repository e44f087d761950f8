//! `ganvas metrics`: how near images are to real ones.

pub(crate) mod args;
mod judge;
mod outcome;
mod subject;

pub(crate) use judge::{Judge, judge, trained};
pub(crate) use outcome::Outcome;
pub(crate) use subject::pictures_of_seeds;

use crate::{
    device_choice::ChosenDevice,
    exit::UsageError,
    output::{event, say},
    preset_choice::kind_of_images,
};
use ::metrics::{Reference, Selection};
use args::MetricsArguments;
use gan::data::{Dataset, Preparation};
use indicatif::ProgressBar;
use subject::{Reals, Subject};

/// Pictures that are drawn at a time.
const DRAWN_AT_A_TIME: usize = 512;

/// Measures what the arguments name.
pub(crate) async fn metrics(arguments: &MetricsArguments) -> anyhow::Result<()> {
    let (mut subject, Reals { source, preparation, data }) = Subject::open(arguments)?;
    let found = [data.height, data.width, data.channels];
    if found != subject.shape() {
        let [[height, width, channels], [h, w, c]] = [found, subject.shape()];
        return Err(UsageError(format!(
            "cannot compare {} with {source}, which holds {}",
            kind_of_images([h, w], c),
            kind_of_images([height, width], channels)
        ))
        .into());
    }
    let device = ChosenDevice::open(&arguments.device).await?;
    say(format_args!("Device:   {}; {}", device.name, device.driver));
    say(format_args!("Images:   {}", subject.describe(arguments)));
    say(format_args!("Reals:    {}", describe_reals(&source, &data)));
    let choice = &arguments.classifier.classifier;
    let judge = judge(choice, &source, &data, &preparation, &device).await?;
    judge.check(&arguments.metrics)?;
    say(format_args!("Features: {}", judge.describe()));

    let images = arguments.images as usize;
    let selection = Selection { kinds: arguments.metrics.0.clone(), images };
    let bar = crate::data_command::progress_bar("looking at real images");
    let mut reference =
        Reference::new(&device.device, &judge.network, &data, selection, &mut on(&bar)).await?;
    bar.set_message("looking at the images");
    let features = subject.features(arguments, &device, &mut reference, &mut on(&bar)).await?;
    bar.set_message("comparing them");
    let report = reference.measure(features).await?;
    bar.finish_and_clear();

    let outcome = Outcome { report, judge: &judge };
    match arguments.json.json {
        true => event(&outcome.to_json()),
        false => outcome.print(),
    }
    Ok(())
}

/// Moves a bar.
fn on(bar: &ProgressBar) -> impl FnMut(usize, usize) {
    |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    }
}

fn describe_reals(source: &str, data: &Dataset) -> String {
    let Dataset { count, height, width, channels, .. } = *data;
    format!("{source}, {count} images, {}", kind_of_images([height, width], channels))
}

/// The preparation that brings images to a size.
fn preparation_of([height, width, channels]: [usize; 3]) -> Preparation {
    let (size, channels) = (Some([height, width]), Some(channels));
    Preparation { size, channels, ..Preparation::default() }
}
