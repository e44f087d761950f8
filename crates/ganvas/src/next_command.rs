//! Commands for the user to type next.

use std::{env, path::Path};

/// A command line that runs Ganvas with these arguments, the last of them a run's folder: started
/// as it was started now.
pub(crate) fn next_command(arguments: &str, run: &Path) -> String {
    format!("{} {arguments} {}", program(), quoted(&run.to_string_lossy()))
}

fn program() -> String {
    // cargo sets this for the programs that it runs, which the shell may not find by name.
    if env::var_os("CARGO_PKG_NAME").is_some_and(|name| name == env!("CARGO_PKG_NAME")) {
        return "cargo run --release -p ganvas --".to_owned();
    }
    let typed = env::args_os().next();
    typed.map_or("ganvas".to_owned(), |typed| quoted(&typed.to_string_lossy()))
}

/// A word that the shell takes as it is.
fn quoted(word: &str) -> String {
    let separator = if cfg!(windows) { '\\' } else { '/' };
    let plain = |c: char| c.is_alphanumeric() || c == separator || "/-_.,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if cfg!(windows) {
        format!("\"{word}\"")
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_split_are_quoted() {
        assert_eq!(quoted("runs/00000-digits-dcgan28"), "runs/00000-digits-dcgan28");
        assert_eq!(quoted("my runs/it's"), r"'my runs/it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
