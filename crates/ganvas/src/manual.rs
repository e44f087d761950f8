//! What shells and `man` ask of a program: `ganvas completions` and `ganvas man`.

use crate::{
    args::{Arguments, CompletionsArguments, ManArguments},
    exit::InputError,
    progress::say,
    run_directory::probe,
};
use clap::CommandFactory;

/// Prints what a shell reads to complete command lines.
pub(crate) fn completions(arguments: &CompletionsArguments) {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "ganvas", &mut script);
    say(String::from_utf8_lossy(&script).trim_end());
}

/// Writes a manual page for the program and one for each command.
pub(crate) fn man(arguments: &ManArguments) -> anyhow::Result<()> {
    let folder = &arguments.folder;
    probe(folder)?;
    clap_mangen::generate_to(Arguments::command(), folder)
        .map_err(|error| InputError::new(folder, format!("cannot be written: {error}")))?;
    say(format_args!("{}: manual pages of ganvas and its commands", folder.display()));
    Ok(())
}
