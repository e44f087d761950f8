//! `ganvas classifier`: a network that tells classes apart, to measure images with.

use crate::{
    device_choice::ChosenDevice,
    exit::UsageError,
    metrics::{args::ClassifierArguments, trained},
    output::{answer, say},
    progress::megabytes,
    run_directory::{check_out, write_out},
    train::load_source,
};
use ::metrics::{
    Origin,
    training::{Labelled, Schedule},
};
use gan::data::{Dataset, Labels, Preparation, labels};

/// Trains and writes one.
pub(crate) async fn classifier(arguments: &ClassifierArguments) -> anyhow::Result<()> {
    check_out(&arguments.out, "--out", "classifier.safetensors")?;
    let preparation = arguments.form.preparation();
    let (data, of_data) = labelled(&arguments.data, &preparation)?;
    let size = (Some([data.height, data.width]), Some(data.channels));
    let preparation = Preparation { size: size.0, channels: size.1, ..preparation };
    let test = match &arguments.test {
        Some(source) => Some(labelled(source, &preparation)?),
        None => None,
    };
    if let Some((_, of_test)) = test.as_ref().filter(|(_, of)| of.classes != of_data.classes) {
        let [data, test] = [&of_data, of_test].map(|labels| labels.classes.join(", "));
        let problem = format!("--data has the classes {data}, but --test has {test}");
        return Err(UsageError(format!("{problem}; they need the same, by the same names")).into());
    }
    let device = ChosenDevice::open(&arguments.device).await?;
    say(format_args!("Device: {}; {}", device.name, device.driver));
    let classes = of_data.classes.join(", ");
    say(format_args!("Data:   {}, {} images of {classes}", arguments.data, data.count));
    let images = Labelled::new(&data, &of_data)?;
    let test = match &test {
        Some((data, labels)) => Some(Labelled::new(data, labels)?),
        None => None,
    };
    let (epochs, seed) = (arguments.epochs as usize, arguments.seed);
    let schedule = Schedule { epochs, seed, ..Schedule::default() };
    let network = trained(images, test, schedule, &device).await?;

    let bytes = network.encode()?.unwrap_or_default();
    write_out(&arguments.out, &bytes)?;
    if let Origin::Trained(trained) = network.origin() {
        let (correct, tests, on) = (trained.correct, trained.tests, &trained.tested_on);
        let accuracy = 100.0 * trained.accuracy();
        say(format_args!("Tests:  {accuracy:.2} % right, {correct} of {tests} ({on})"));
    }
    let (file, size) = (arguments.out.display(), megabytes(bytes.len() as u64));
    let hash = network.hash();
    say(format_args!("Wrote:  {file}, {size}, SHA-256 {hash}"));
    let trained = match network.origin() {
        Origin::Trained(trained) => Some(trained),
        Origin::Random { .. } => None,
    };
    answer(&file, &serde_json::json!({"file": arguments.out, "sha256": hash, "trained": trained}));
    Ok(())
}

fn labelled(source: &str, preparation: &Preparation) -> anyhow::Result<(Dataset, Labels)> {
    let data = load_source(source, preparation)?;
    let labels = labels(source)?.ok_or_else(|| {
        UsageError(format!(
            "{source} has no labels: sort its images into folders, one for each class, or lay a file \
             such as train-labels-idx1-ubyte.gz beside train-images-idx3-ubyte.gz"
        ))
    })?;
    Ok((data, labels))
}
