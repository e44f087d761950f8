//! A disk without room, as the limit on the size of files makes one.

use super::{checkpoints, partial_files, run_folder, state};
use crate::{expect, names, run, stats, train};
use std::{fs, process::Command};
use tempfile::TempDir;

#[test]
fn a_full_disk_names_the_file_and_keeps_the_last_checkpoint() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    expect(&train(path, &["--kimg", "0.004"]), 0);
    let run_folder = run_folder(path, 0, "dcgan28-small");
    let newest = run_folder.join("checkpoints/00000002.safetensors");
    let before = fs::read(&newest).unwrap();

    // 2,000 blocks are one or two million bytes, less than a checkpoint has. Without the trap the
    // system would end the program instead of failing its write.
    let limited = "trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_ganvas")]).current_dir(path);
    command.args(["train", "--resume", "latest", "--kimg", "0.006"]);
    let said = expect(&command.output().unwrap(), 3);
    assert!(said.contains("checkpoints/00000003.safetensors: cannot be written: "), "{said}");
    let last = "the last checkpoint is runs/00000-digits-dcgan28-small/checkpoints/00000002";
    assert!(said.contains(last) && said.contains("train --resume"), "{said}");
    assert!(!said.contains("panicked"), "{said}");

    assert!(fs::read(&newest).unwrap() == before);
    assert_eq!(checkpoints(&run_folder).len(), 2);
    assert_eq!(partial_files(&run_folder), [""; 0]);
    state(&newest);
    // With room again it goes on.
    expect(&run(path, &["train", "--resume", "latest", "--kimg", "0.006"]), 0);
    assert_eq!(stats(&run_folder).last().unwrap()["step"], 3);
}

#[test]
fn a_full_disk_ends_a_sample_with_its_path_and_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    expect(&train(path, &["--kimg", "0.002"]), 0);
    let before = names(path);
    for out in [&["--out", "new.png"][..], &[]] {
        let limited = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", limited, env!("CARGO_BIN_EXE_ganvas"), "sample"]).current_dir(path);
        command.args(["runs/00000-digits-dcgan28-small", "--device", "cpu", "--seeds", "1"]);
        let said = expect(&command.args(out).output().unwrap(), 3);
        assert!(said.contains(".png: cannot be written: "), "{said}");
        assert_eq!(names(path), before);
    }
}
