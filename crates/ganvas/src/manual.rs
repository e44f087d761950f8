//! What shells and `man` ask of a program: `ganvas completions` and `ganvas man`.

use crate::{
    args::{Arguments, CompletionsArguments, ManArguments},
    exit::InputError,
    output::{answer, say, show},
    run_directory::{probe, write_out},
};
use clap::{Command, CommandFactory, builder::Resettable};
use clap_mangen::Man;
use std::path::Path;

/// Prints what a shell reads to complete command lines.
pub(crate) fn completions(arguments: &CompletionsArguments) {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "ganvas", &mut script);
    show(String::from_utf8_lossy(&script).trim_end());
}

/// Writes a manual page for the program and one for each command.
pub(crate) fn man(arguments: &ManArguments) -> anyhow::Result<()> {
    let folder = &arguments.folder;
    probe(folder)?;
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    write_pages(command, folder)?;
    say(format_args!("{}: manual pages of ganvas and its commands", folder.display()));
    answer(folder.display(), &folder);
    Ok(())
}

/// Writes the pages of a command and of those in it.
fn write_pages(command: Command, folder: &Path) -> Result<(), InputError> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        write_pages(inner.clone(), folder)?;
    }
    let examples = command.get_after_help().map(|text| as_printed(&text.to_string()));
    let page = Man::new(command.after_help(Resettable::Reset));
    let path = folder.join(page.get_filename());
    let mut text = Vec::new();
    page.render(&mut text).map_err(|error| InputError::new(&path, error.to_string()))?;
    text.extend(examples.unwrap_or_default().into_bytes());
    write_out(&path, &text)
}

/// A section of a manual page whose lines stay as they are; the first, `Examples:`, is its heading.
fn as_printed(text: &str) -> String {
    let (heading, body) = text.split_once('\n').unwrap_or((text, ""));
    let heading = heading.trim_end_matches(':').to_uppercase();
    // Dots and quotes begin requests, and lone dashes may become hyphens.
    let line = |line: &str| format!("\\&{}\n", line.replace('\\', "\\e").replace('-', "\\-"));
    let body: String = body.lines().map(line).collect();
    format!(".SH \"{heading}\"\n.nf\n{body}.fi\n")
}
