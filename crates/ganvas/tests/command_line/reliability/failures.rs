//! What goes wrong is said, and takes nothing with it.

use super::{checkpoints, run_folder, state};
use crate::{SMALL, expect, names, run, start, train, wait_for};
use std::fs;
use tempfile::TempDir;

#[test]
fn old_checkpoints_go_once_newer_ones_are_safe() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let run_folder = run_folder(path, 0, "dcgan28-small");
    expect(&train(path, &["--kimg", "0.006", "--snap", "0.002", "--keep", "2"]), 0);
    let kept = |expected: [&str; 2]| {
        assert_eq!(names(&run_folder.join("checkpoints")), expected);
    };
    kept(["00000002.safetensors", "00000003.safetensors"]);
    let pictures = names(&run_folder).into_iter().filter(|name| name.starts_with("fakes-"));
    assert_eq!(pictures.count(), 4, "pictures stay");
    // The run remembers it.
    expect(&run(path, &["train", "--resume", "latest", "--kimg", "0.008"]), 0);
    kept(["00000003.safetensors", "00000004.safetensors"]);
}

#[test]
fn a_damaged_checkpoint_exits_3_with_its_path() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    expect(&train(path, &["--kimg", "0.002"]), 0);
    let run_folder = run_folder(path, 0, "dcgan28-small");
    let newest = run_folder.join("checkpoints/00000001.safetensors");
    let whole = fs::read(&newest).unwrap();
    let end = whole.len() - 1;
    let flipped = |place: usize| {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x40;
        bytes
    };
    let damages = [
        Vec::new(),
        whole[..7].to_vec(),
        whole[..1000].to_vec(),
        whole[..end].to_vec(),
        flipped(0),
        flipped(6),
        flipped(100),
        flipped(end),
        [&whole[..], &[0]].concat(),
    ];
    for (number, damaged) in damages.into_iter().enumerate() {
        fs::write(&newest, damaged).unwrap();
        for command in [
            ["train", "--resume", "latest", "--kimg", "1"].as_slice(),
            &["sample", "runs/00000-digits-dcgan28-small", "--device", "cpu"],
        ] {
            let said = expect(&run(path, command), 3);
            assert!(said.contains("00000001.safetensors: "), "damage {number}: {said}");
            if command[0] == "train" {
                assert!(said.contains("; the one before: "), "damage {number}: {said}");
            }
            assert!(!said.contains("panicked"), "damage {number}: {said}");
        }
    }
    // An older checkpoint goes on in a run of its own.
    let older = run_folder.join("checkpoints/00000000.safetensors");
    let resume = ["train", "--resume", older.to_str().unwrap(), "--kimg", "0.002"];
    expect(&run(path, &resume), 0);
    let again = super::run_folder(path, 1, "dcgan28-small");
    assert!(fs::read(again.join("checkpoints/00000001.safetensors")).unwrap() == whole);
}

#[test]
fn a_run_is_trained_by_one_process_at_a_time() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let mut first = start(path, &[&["train"], SMALL.as_slice(), &["--kimg", "1000"]].concat());
    let run_folder = run_folder(path, 0, "dcgan28-small");
    wait_for(&run_folder.join("checkpoints/00000000.safetensors"));
    let resume = ["train", "--resume", "latest", "--kimg", "0.002"];
    let said = expect(&run(path, &resume), 3);
    assert!(said.contains("is being trained by another process"), "{said}");
    assert!(first.try_wait().unwrap().is_none(), "the first goes on");
    first.kill().unwrap();
    first.wait().unwrap();
    expect(&run(path, &resume), 0);
}

#[test]
fn the_latest_run_is_the_newest_with_a_checkpoint() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    expect(&train(path, &["--kimg", "0.002"]), 0);
    let killed_early = super::run_folder(path, 1, "dcgan28-small");
    fs::create_dir_all(killed_early.join("checkpoints")).unwrap();
    fs::write(killed_early.join("options.json"), "{}").unwrap();
    expect(&run(path, &["train", "--resume", "latest", "--kimg", "0.004"]), 0);
    assert_eq!(checkpoints(&run_folder(path, 0, "dcgan28-small")).len(), 3);
}

#[cfg(unix)]
#[test]
fn a_second_signal_stops_at_once_and_the_last_checkpoint_stands() {
    use std::{
        io::{BufRead, BufReader},
        process::Command,
        time::{Duration, Instant},
    };
    let folder = TempDir::new().unwrap();
    // A step of so many images takes seconds.
    let large = ["train", "--device", "cpu", "--preset", "dcgan28-small", "--batch", "1024"];
    let mut child = start(folder.path(), &large);
    let run_folder = run_folder(folder.path(), 0, "dcgan28-small");
    wait_for(&run_folder.join("checkpoints/00000000.safetensors"));
    let id = child.id().to_string();
    let interrupt =
        || assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.find(|line| line.starts_with("Run:")).unwrap();
    interrupt();
    lines.find(|line| line.contains("again to stop without saving")).unwrap();
    let second = Instant::now();
    interrupt();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(second.elapsed() < Duration::from_secs(1), "{:?}", second.elapsed());
    let checkpoints = checkpoints(&run_folder);
    assert_eq!((checkpoints.len(), state(&checkpoints[0]).step), (1, 0));
}

/// Weights so large that the first step overflows.
#[test]
fn a_run_that_diverges_names_the_layer() {
    use gan::{checkpoint::encode, networks::Preset, options::TrainOptions, state::TrainState};
    let folder = TempDir::new().unwrap();
    let options = TrainOptions { batch: 2, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
    let mut huge = TrainState::new(options).unwrap();
    huge.discriminator.parameters.fill(1e30);
    fs::write(folder.path().join("huge"), encode(&huge).unwrap()).unwrap();
    let arguments = [&["train"], SMALL.as_slice(), &["--weights", "huge", "--kimg", "1"]].concat();
    let said = expect(&run(folder.path(), &arguments), 4);
    let layer = "the first number that is not finite is in layer d.main.3 (conv2d";
    assert!(said.contains(layer) && said.contains("tensor act.d_real.main.3, step 1"), "{said}");
    assert!(said.contains("the last checkpoint is runs/00000-digits-dcgan28-small/"), "{said}");
    let run_folder = run_folder(folder.path(), 0, "dcgan28-small");
    let checkpoints = checkpoints(&run_folder);
    assert_eq!(checkpoints.len(), 1, "none with such numbers is kept");
    state(&checkpoints[0]);
}
