//! `ganvas report`: a run as a page, and as an animation.

pub(crate) mod args;
mod facts;
mod pictures;

use crate::{
    args::OUTDIR,
    exit::InputError,
    output::{answer, say},
    progress::megabytes,
    run_directory::{Log, RunDirectory, check_apart, check_out, write_out},
};
use args::ReportArguments;
use gan::picture::{SlidesError, slide_time, slides_gif};
use pictures::Pictures;
use records::{history::History, page::Page};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The page's name in a run's folder.
const PAGE: &str = "report.html";

/// The JSON.
#[derive(Serialize)]
struct Written<'a> {
    page: &'a Path,
    gif: Option<&'a Path>,
    /// In the page.
    pictures: usize,
    /// Of the run's log.
    lines: usize,
}

/// Writes what the arguments ask for.
pub(crate) fn report(arguments: &ReportArguments) -> anyhow::Result<()> {
    let run = RunDirectory::open(&arguments.run, Path::new(OUTDIR))?;
    let out = arguments.out.clone().unwrap_or_else(|| run.path().join(PAGE));
    check_out(&out, "--out", PAGE)?;
    let mut outputs = vec![("--out", out.as_path())];
    if let Some(gif) = &arguments.gif {
        check_out(gif, "--gif", "fakes.gif")?;
        outputs.push(("--gif", gif));
    }
    let read = run.records()?;
    check_apart(&outputs, &read.iter().map(PathBuf::as_path).collect::<Vec<&Path>>())?;
    let record = run.read_record()?;
    let [stats, metrics] = Log::ALL.map(|log| run.read_log(log));
    let history = History::read_all([stats?.as_str(), metrics?.as_str()]);
    let Pictures { fakes, reals, notes: of_pictures } =
        Pictures::for_page(&run, &record, &history)?;
    let (shown, lines) = (fakes.len(), history.lines);

    let mut notes = facts::notes(&record, &history);
    notes.extend(of_pictures);
    let page = Page {
        title: facts::name(&run),
        summary: facts::summary(&record),
        progress: Some(facts::progress(&record, &history)),
        facts: facts::first(&record, &history),
        notes,
        each: slide_time(fakes.len()),
        pictures: fakes,
        reals,
        tables: facts::tables(&record, &history)?,
        footer: facts::footer(&run, &history),
        history,
    };
    let html = page.html()?;
    write_out(&out, html.as_bytes())?;
    let size = megabytes(html.len() as u64);
    say(format_args!("{}: {shown} pictures, {lines} lines of the log, {size}", out.display()));
    let gif = arguments.gif.as_deref();
    if let Some(gif) = gif {
        write_gif(gif, &run)?;
    }
    let written: Vec<String> = [Some(out.as_path()), gif]
        .iter()
        .flatten()
        .map(|path| path.display().to_string())
        .collect();
    let answered = Written { page: &out, gif, pictures: shown, lines };
    answer(written.join("\n"), &answered);
    Ok(())
}

fn write_gif(path: &Path, run: &RunDirectory) -> anyhow::Result<()> {
    let pictures = Pictures::for_animation(run)?;
    let bytes = slides_gif(pictures.iter().map(Vec::as_slice)).map_err(|error| match error {
        SlidesError::Empty => InputError::new(run.path(), "has no pictures yet for --gif"),
        error => InputError::new(run.path(), format!("its fakes-*.png: {error}")),
    })?;
    write_out(path, &bytes)?;
    let size = megabytes(bytes.len() as u64);
    say(format_args!("{}: {} pictures, {size}", path.display(), pictures.len()));
    Ok(())
}
