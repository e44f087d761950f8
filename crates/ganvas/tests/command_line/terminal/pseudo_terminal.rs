//! A terminal of any width for a command, and what it shows in the end.

use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    fs::{File, OpenOptions},
    io::Read,
    num::NonZero,
    process::{Command, Stdio},
    thread,
};

/// More than any command prints, so that nothing scrolls away.
const LINES: NonZero<u16> = NonZero::new(300).unwrap();

/// What a terminal got and shows.
pub(super) struct Seen {
    /// All that was written, with escapes.
    pub(super) text: String,
    /// What stays, line by line.
    pub(super) screen: String,
}

/// Runs a command with a terminal of so many columns for its output. Only what the command itself is
/// given says what the terminal can do.
pub(super) fn on_terminal(command: &mut Command, columns: u16) -> Seen {
    let main = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&main).unwrap();
    unlockpt(&main).unwrap();
    let size = Winsize { ws_row: LINES.get(), ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&main, size).unwrap();
    let name = ptsname(&main, Vec::new()).unwrap().into_string().unwrap();
    let terminal = OpenOptions::new().read(true).write(true).open(name).unwrap();
    let given: Vec<_> = command
        .get_envs()
        .map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned)))
        .collect();
    for variable in [
        "NO_COLOR",
        // clap colours for a dumb terminal too where this is set.
        "CI",
        "COLORTERM",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
        "TMUX",
        "STY",
        "ZELLIJ",
        "TERM_PROGRAM",
        "LC_TERMINAL",
        "KITTY_WINDOW_ID",
    ] {
        command.env_remove(variable);
    }
    command.env("TERM", "xterm-256color");
    for (name, value) in given {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut child = command.stdout(terminal.try_clone().unwrap()).stderr(terminal).spawn().unwrap();
    // This process's own ends keep the terminal open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let reader = thread::spawn(move || {
        let (mut main, mut bytes, mut buffer) = (File::from(main), Vec::new(), [0; 4096]);
        // Once the last end is closed, reading fails.
        while let Ok(count @ 1..) = main.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..count]);
        }
        bytes
    });
    child.wait().unwrap();
    let bytes = reader.join().unwrap();
    let mut parser = vt100::Parser::new(LINES, NonZero::new(columns).unwrap(), 0);
    parser.process(&bytes);
    let rows = parser.screen().rows(0, columns);
    let screen = rows.collect::<Vec<String>>().join("\n").trim_end().to_owned();
    Seen { text: String::from_utf8_lossy(&bytes).into_owned(), screen }
}
