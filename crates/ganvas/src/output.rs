//! Who is spoken to: a person, or a program that reads the answer alone.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::{
    fmt::Display,
    io::{self, Write},
    sync::OnceLock,
};

/// What goes to standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Answers {
    /// Everything, in words.
    #[default]
    InWords,
    /// `--quiet`: what was asked for or was made, one a line.
    Plain,
    /// `--json`: JSON, and nothing else.
    Json,
}

/// How the command speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) answers: Answers,
    /// Neither words on the way nor bars.
    pub(crate) quiet: bool,
}

static MANNER: OnceLock<Manner> = OnceLock::new();

/// Decides for the whole process, before anything is said.
pub(crate) fn speak(manner: Manner) {
    // Only the first counts, and `main` is the only caller.
    let _ = MANNER.set(manner);
}

pub(crate) fn manner() -> Manner {
    MANNER.get().copied().unwrap_or_default()
}

/// Says a line on the way to a person: on stdout, on stderr with `--json`, nowhere with `--quiet`. A
/// reader that has gone away stops nothing.
pub(crate) fn say(line: impl Display) {
    let _ = match manner() {
        Manner { quiet: true, .. } => Ok(()),
        Manner { answers: Answers::Json, .. } => writeln!(io::stderr(), "{line}"),
        _ => writeln!(io::stdout(), "{line}"),
    };
}

/// Prints what the command is asked for, such as a table, with `--quiet` too.
pub(crate) fn show(text: impl Display) {
    let _ = match manner().answers {
        Answers::Json => writeln!(io::stderr(), "{text}"),
        Answers::InWords | Answers::Plain => writeln!(io::stdout(), "{text}"),
    };
}

/// Prints what a program reads: `plain` with `--quiet`, `json` with `--json`, each on a line.
/// Otherwise it has been said in words.
pub(crate) fn answer(plain: impl Display, json: &impl Serialize) {
    match manner().answers {
        Answers::InWords => {}
        Answers::Plain => drop(writeln!(io::stdout(), "{plain}")),
        Answers::Json => event(json),
    }
}

/// Prints JSON that only a program reads, on a line.
pub(crate) fn event(json: &impl Serialize) {
    if manner().answers == Answers::Json {
        match serde_json::to_string(json) {
            Ok(line) => drop(writeln!(io::stdout(), "{line}")),
            Err(error) => tracing::error!(%error, "an event cannot be JSON"),
        }
    }
}

/// A bar, or a spinner, as an [`indicatif`] template has it: on stderr if that is a terminal, and
/// none with `--quiet`.
pub(crate) fn bar(template: &str, length: u64) -> ProgressBar {
    let target = match manner().quiet {
        true => ProgressDrawTarget::hidden(),
        false => ProgressDrawTarget::stderr(),
    };
    let bar = ProgressBar::with_draw_target(Some(length), target);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.progress_chars("━╸─")),
        Err(_) => bar,
    }
}
