//! Completions and manual pages.

use super::{expect, names, run};
use std::{fs, process::Command};
use tempfile::TempDir;

#[test]
fn every_shell_has_completions() {
    let folder = TempDir::new().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(folder.path(), &["completions", shell]);
        expect(&output, 0);
        let script = String::from_utf8(output.stdout).unwrap();
        for part in ["sample", "interpolate", "inspect"] {
            assert!(script.contains(part), "{shell}: {part}");
        }
    }
    expect(&run(folder.path(), &["completions", "sh"]), 2);
}

/// Bash itself completes commands, options and values.
#[cfg(unix)]
#[test]
fn bash_completes_command_lines() {
    let folder = TempDir::new().unwrap();
    let script = run(folder.path(), &["completions", "bash"]).stdout;
    fs::write(folder.path().join("ganvas.bash"), script).unwrap();
    let complete = |words: &[&str]| {
        let line = "source ganvas.bash; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); \
                    _ganvas ganvas \"${@: -1}\" \"${@: -2:1}\"; echo \"${COMPREPLY[@]}\"";
        let mut bash = Command::new("bash");
        bash.current_dir(folder.path()).args(["-c", line, "bash", "ganvas"]).args(words);
        expect(&bash.output().unwrap(), 0).trim().to_owned()
    };
    assert_eq!(complete(&["sam"]), "sample");
    assert_eq!(complete(&["sample", "--inter"]), "--interpolate");
    assert_eq!(complete(&["data", "conv"]), "convert");
    assert_eq!(complete(&["train", "--preset", "dcgan28-"]), "dcgan28-small");
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = TempDir::new().unwrap();
    let said = expect(&run(folder.path(), &["man", "pages/man1"]), 0);
    assert!(said.contains("pages/man1: manual pages"), "{said}");
    let pages = folder.path().join("pages/man1");
    let found = names(&pages);
    for name in ["ganvas.1", "ganvas-train.1", "ganvas-sample.1", "ganvas-data-convert.1"] {
        assert!(found.iter().any(|page| page == name), "{name}: {found:?}");
    }
    let page = fs::read_to_string(pages.join("ganvas-sample.1")).unwrap();
    for part in [".TH ganvas-sample 1", "interpolate", "a grid of seeds 0 to 63"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("EXTRA"));
    let (_, examples) = page.split_once(".SH \"EXAMPLES\"\n.nf\n").unwrap();
    let (examples, _) = examples.split_once("\n.fi\n").unwrap();
    let line = "\\&  ganvas sample latest \\-\\-interpolate 3,8,21 \\-\\-frames 40";
    assert!(examples.lines().any(|found| found.starts_with(line)), "{examples}");
    fs::write(folder.path().join("file"), "").unwrap();
    expect(&run(folder.path(), &["man", "file"]), 3);
}
