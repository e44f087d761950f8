//! Other programs, shown before they run.

use crate::gpu_cases;
use anyhow::{Context, Result, bail};
use std::{
    borrow::Cow,
    env, iter,
    path::Path,
    process::{Command, Stdio},
};

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// The cargo that runs this program, in the repository's root, with these arguments.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Shows a command, runs it and waits for it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    eprintln!("$ {shown}");
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}

/// What a command prints; `None` where it does not exist or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as one would type it, with the variables that choose what it does.
fn show(command: &Command) -> String {
    // Its folder is gone afterwards, and whoever types the command needs none.
    let variables = command.get_envs().filter(|(name, _)| *name != gpu_cases::VARIABLE);
    let variables = variables.filter_map(|(name, value)| {
        Some(format!("{}={}", name.to_string_lossy(), quoted(&value?.to_string_lossy())))
    });
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = iter::once(program).chain(command.get_args());
    let words = words.map(|word| quoted(&word.to_string_lossy()).into_owned());
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_=+./:,@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["test", "-E", "test(conv2d) | test(dense)", "", "it's"]);
        command.env("VK_DRIVER_FILES", "/icd.json").env(gpu_cases::VARIABLE, "/tmp/gone");
        command.env("RUSTDOCFLAGS", " -D warnings").env_remove("PATH");
        let expected = r"RUSTDOCFLAGS=' -D warnings' VK_DRIVER_FILES=/icd.json cargo test -E 'test(conv2d) | test(dense)' '' 'it'\''s'";
        assert_eq!(show(&command), expected);
    }
}
