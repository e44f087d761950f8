//! Pictures in the terminal, by whichever means it has.
//!
//! What a terminal can do is told from the environment alone: a terminal is never asked, so that
//! nothing waits for its answer and no key that is typed meanwhile is lost.

mod blocks;
mod protocols;

use crate::output::{Answers, manner, say};
use clap::ValueEnum;
use console::Term;
use std::{
    env,
    io::{self, Write},
};

/// How pictures get into a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Means {
    /// By what the environment says of the terminal.
    Auto,
    /// Kitty's graphics protocol: Kitty, Ghostty.
    Kitty,
    /// iTerm2's inline images: iTerm2, WezTerm, mintty.
    Iterm,
    /// Sixels: foot, mlterm, XTerm, Windows Terminal.
    Sixel,
    /// Half blocks in two colours each, which every terminal with colours has.
    Blocks,
    /// Characters from light to dark, without colours.
    Shades,
}

/// Images to show, side by side.
pub(crate) struct Sheet<'a> {
    /// All of them in one picture.
    pub(crate) png: &'a [u8],
    /// `[N, H, W, C]`, where terminals show them one by one.
    pub(crate) pixels: &'a [u8],
    /// H, W, C.
    pub(crate) shape: [usize; 3],
    /// How many belong beside each other, such as a picture and its neighbours.
    pub(crate) in_strip: usize,
}

/// Draws on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Preview {
    means: Means,
    true_colours: bool,
    /// Of the terminal.
    columns: usize,
    /// Of the terminal.
    lines: usize,
}

impl Preview {
    /// For stdout. Where nothing can be drawn that is said, and there is none.
    pub(crate) fn on_stdout(asked: Option<Means>) -> Option<Self> {
        let asked = asked?;
        let terminal = Term::stdout();
        if manner().answers != Answers::InWords {
            say("Note:   --preview draws nothing beside --json and --quiet");
            return None;
        }
        if !terminal.features().is_attended() {
            say("Note:   --preview draws nothing here: stdout is not a terminal");
            return None;
        }
        let means = match asked {
            Means::Auto => means_of(|name| env::var(name).ok()),
            means => means,
        };
        let (lines, columns) = terminal.size();
        let true_colours = terminal.features().true_colors_supported();
        Some(Self { means, true_colours, columns: columns.into(), lines: lines.into() })
    }

    /// Draws as many of the images as fit.
    pub(crate) fn draw(&self, sheet: &Sheet<'_>) -> anyhow::Result<()> {
        let drawn = self.text(sheet)?;
        // A reader that has gone away stops nothing.
        let _ = writeln!(io::stdout(), "{drawn}").and_then(|()| io::stdout().flush());
        Ok(())
    }

    fn text(&self, sheet: &Sheet<'_>) -> anyhow::Result<String> {
        let colours = if self.true_colours { blocks::Ink::True } else { blocks::Ink::Palette };
        let columns = self.columns.saturating_sub(1);
        Ok(match self.means {
            Means::Kitty => protocols::kitty(sheet.png, protocols::columns(columns)),
            Means::Iterm => protocols::iterm(sheet.png, protocols::columns(columns)),
            Means::Sixel => protocols::sixel(sheet.png, protocols::columns(columns))?,
            Means::Shades => blocks::draw(sheet, columns, self.lines, blocks::Ink::Shades),
            Means::Auto | Means::Blocks => blocks::draw(sheet, columns, self.lines, colours),
        })
    }
}

/// What a terminal draws pictures by, as its environment has it. Multiplexers pass no pictures on.
fn means_of(variable: impl Fn(&str) -> Option<String>) -> Means {
    let is = |name: &str, values: &[&str]| {
        variable(name).is_some_and(|value| values.iter().any(|&v| value.eq_ignore_ascii_case(v)))
    };
    let there = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let terminal = variable("TERM").unwrap_or_default();
    let begins = |names: &[&str]| names.iter().any(|name| terminal.starts_with(name));
    if there("NO_COLOR") || terminal == "dumb" {
        Means::Shades
    } else if there("TMUX") || there("STY") || there("ZELLIJ") || begins(&["screen", "tmux"]) {
        Means::Blocks
    } else if there("KITTY_WINDOW_ID")
        || begins(&["xterm-kitty", "xterm-ghostty"])
        || is("TERM_PROGRAM", &["ghostty"])
    {
        Means::Kitty
    } else if is("TERM_PROGRAM", &["iTerm.app", "WezTerm", "mintty"])
        || is("LC_TERMINAL", &["iTerm2"])
    {
        Means::Iterm
    } else if begins(&["foot", "mlterm", "yaft"]) || terminal.contains("sixel") {
        Means::Sixel
    } else {
        Means::Blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_the_means() {
        let cases: [(&[(&str, &str)], Means); 12] = [
            (&[], Means::Blocks),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Means::Blocks),
            (&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")], Means::Shades),
            (&[("TERM", "dumb")], Means::Shades),
            (&[("TERM", "xterm-kitty")], Means::Kitty),
            (&[("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")], Means::Kitty),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "ghostty")], Means::Kitty),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")], Means::Iterm),
            (&[("TERM", "tmux-256color"), ("LC_TERMINAL", "iTerm2")], Means::Blocks),
            (&[("TMUX", "/tmp/tmux-0/default,1,0"), ("TERM_PROGRAM", "WezTerm")], Means::Blocks),
            (&[("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")], Means::Iterm),
            (&[("TERM", "foot-extra")], Means::Sixel),
        ];
        for (environment, expected) in cases {
            let of = |name: &str| {
                let found = environment.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(means_of(of), expected, "{environment:?}");
        }
    }
}
