//! `ganvas data fetch`: a data set's files, as published.

use super::{
    args::FetchArguments,
    catalogue::DataSet,
    download::{DownloadError, Event, Origin, Patience, download},
};
use crate::{
    next_command::next_command,
    output::{answer, bar, say},
    progress::megabytes,
    run_directory::probe,
};
use serde::Serialize;
use std::{path::Path, time::Duration};

const PATIENCE: Patience = Patience {
    stall: Duration::from_secs(30),
    pauses: &[Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)],
};

/// The JSON.
#[derive(Serialize)]
struct Fetched<'a> {
    folder: &'a Path,
    files: Vec<&'a str>,
}

/// Fetches what is not there, and checks all of it.
pub(super) fn fetch(arguments: &FetchArguments) -> anyhow::Result<()> {
    let FetchArguments { data_set, outdir, mirror_url, .. } = arguments;
    let given: Vec<&str> = mirror_url.iter().map(String::as_str).collect();
    let mirrors = if given.is_empty() { data_set.mirrors } else { &given };
    let folder = outdir.join(data_set.name);
    probe(&folder)?;

    let size = megabytes(data_set.bytes());
    say(format_args!("{}: {}; {size} into {}", data_set.name, data_set.summary, folder.display()));
    fetch_files(data_set, mirrors, &folder)?;
    say("All files have the published SHA-256.");
    say(data_set.terms);
    let train = next_command("train --data", &folder);
    say(format_args!("Next:   {train}"));
    let files = data_set.files.iter().map(|file| file.name).collect();
    answer(folder.display(), &Fetched { folder: &folder, files });
    Ok(())
}

fn fetch_files(data_set: &DataSet, mirrors: &[&str], folder: &Path) -> Result<(), DownloadError> {
    let style = "  {msg} {wide_bar} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";
    let width = data_set.files.iter().map(|file| file.name.len()).max().unwrap_or(0);
    for file in data_set.files {
        let bar = bar(style, file.bytes).with_message(file.name);
        let origin = download(file, mirrors, folder, PATIENCE, &mut |event| match event {
            Event::Bytes(arrived) => bar.set_position(arrived),
            Event::Failed { mirror, problem } => bar.suspend(|| {
                say(format_args!("  {mirror}: {problem}"));
            }),
        });
        bar.finish_and_clear();
        let origin = match origin? {
            Origin::Folder => "was there".to_owned(),
            Origin::Mirror(mirror) => format!("from {mirror}"),
        };
        say(format_args!("  {:width$}  {:>9}  {origin}", file.name, megabytes(file.bytes)));
    }
    Ok(())
}
