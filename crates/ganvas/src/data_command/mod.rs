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

use crate::output::bar;
use args::DataCommand;
use indicatif::ProgressBar;

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
    bar("{msg} {wide_bar} {pos}/{len}  {eta} left", 0).with_message(message)
}
