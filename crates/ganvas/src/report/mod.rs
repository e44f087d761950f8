//! `ganvas report`: a run as a page, and as an animation.

pub(crate) mod args;
mod facts;
mod pictures;

use crate::{
    args::OUTDIR,
    exit::InputError,
    progress::{megabytes, say},
    run_directory::{RunDirectory, check_out},
};
use args::ReportArguments;
use gan::files::write_atomic;
use pictures::Pictures;
use records::{
    animation::{AnimationError, gif},
    history::History,
    page::Page,
};
use std::path::Path;

/// The page's name in a run's folder.
const PAGE: &str = "report.html";

/// Writes what the arguments ask for.
pub(crate) fn report(arguments: &ReportArguments) -> anyhow::Result<()> {
    let run = RunDirectory::open(&arguments.run, Path::new(OUTDIR))?;
    let out = arguments.out.clone().unwrap_or_else(|| run.path().join(PAGE));
    check_out(&out, "--out", PAGE)?;
    if let Some(gif) = &arguments.gif {
        check_out(gif, "--gif", "fakes.gif")?;
    }
    let record = run.read_record()?;
    let history = History::read(&run.stats()?);
    let Pictures { fakes, reals, left_out } = Pictures::for_page(&run, &record, &history)?;
    let (shown, lines) = (fakes.len(), history.lines);

    let mut notes = facts::notes(&record, &history);
    notes.extend(left_out);
    let page = Page {
        title: facts::name(&run),
        summary: facts::summary(&record),
        progress: Some(facts::progress(&record, &history)),
        facts: facts::first(&record, &history),
        notes,
        pictures: fakes,
        reals,
        tables: facts::tables(&record, &history)?,
        footer: facts::footer(&run, &history),
        history,
    };
    let html = page.html()?;
    write(&out, html.as_bytes())?;
    let size = megabytes(html.len() as u64);
    say(format_args!("{}: {shown} pictures, {lines} lines of the log, {size}", out.display()));
    match &arguments.gif {
        Some(gif) => write_gif(gif, &run),
        None => Ok(()),
    }
}

fn write_gif(path: &Path, run: &RunDirectory) -> anyhow::Result<()> {
    let pictures = Pictures::for_animation(run)?;
    let bytes = gif(pictures.iter().map(Vec::as_slice)).map_err(|error| match error {
        AnimationError::Empty => InputError::new(run.path(), "has no pictures yet for --gif"),
        error => InputError::new(run.path(), format!("its fakes-*.png: {error}")),
    })?;
    write(path, &bytes)?;
    let size = megabytes(bytes.len() as u64);
    say(format_args!("{}: {} pictures, {size}", path.display(), pictures.len()));
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), InputError> {
    write_atomic(path, bytes).map_err(|error| InputError::new(path, error.to_string()))
}
