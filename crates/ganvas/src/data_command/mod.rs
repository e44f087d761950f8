//! `ganvas data`: what is there to learn from, in other forms, and where to get it.

mod args;
mod catalogue;
mod convert;
mod download;
mod fetch;
mod inspect;
mod new_file;
mod package;
mod request;

pub(crate) use args::{DataArguments, FormArguments};
pub(crate) use download::DownloadError;

use args::DataCommand;
use indicatif::{ProgressBar, ProgressStyle};

/// Does what was asked.
pub(crate) fn data(arguments: &DataArguments) -> anyhow::Result<()> {
    match &arguments.command {
        DataCommand::Inspect(arguments) => inspect::inspect_source(arguments),
        DataCommand::Convert(arguments) => convert::convert(arguments),
        DataCommand::Fetch(arguments) => fetch::fetch(arguments),
    }
}

/// Counts images on a terminal.
pub(crate) fn progress_bar(message: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:32} {pos}/{len}  {eta} left").ok();
    let bar = ProgressBar::new(0).with_message(message);
    style.into_iter().for_each(|style| bar.set_style(style.progress_chars("━╸─")));
    bar
}
