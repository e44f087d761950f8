//! What runs and samples leave.

use super::{SMALL, expect, ganvas, names, options, run, stats, train};
use std::fs;
use tempfile::TempDir;

#[test]
fn a_run_leaves_pictures_statistics_and_checkpoints() {
    let folder = TempDir::new().unwrap();
    let said = expect(&train(folder.path(), &["--kimg", "0.006", "--snap", "0.004"]), 0);
    for part in ["CPU reference", "dcgan28-small", "10000 images", "in memory:", "0.006/0.006 kimg"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let runs = folder.path().join("runs");
    assert_eq!(names(&runs), ["00000-digits-dcgan28-small"]);
    let run = runs.join("00000-digits-dcgan28-small");
    let files = [
        "checkpoints",
        "events.out.tfevents.00000.ganvas",
        "fakes-00000002.png",
        "fakes-00000003.png",
        "fakes-init.png",
        "options.json",
        "reals.png",
        "stats.jsonl",
    ];
    assert_eq!(names(&run), files);
    let checkpoints = ["00000000.safetensors", "00000002.safetensors", "00000003.safetensors"];
    assert_eq!(names(&run.join("checkpoints")), checkpoints);

    let lines = stats(&run);
    let last = lines.last().unwrap();
    assert_eq!((last["step"].as_u64(), last["kimg"].as_f64()), (Some(3), Some(0.006)));
    for key in ["seconds", "images_per_second", "loss_d", "loss_g", "d_real", "d_fake"] {
        assert!(last[key].as_f64().unwrap() > 0.0, "{key}: {last}");
    }
    let options = options(&run);
    assert_eq!((&options["preset"], &options["batch"]), (&"dcgan28-small".into(), &2.into()));

    expect(&train(folder.path(), &["--kimg", "0.002"]), 0);
    assert_eq!(names(&runs).len(), 2, "a second run has a folder of its own");
}

#[test]
fn lines_come_twenty_to_a_snapshot_and_at_the_end() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.09", "--snap", "0.08"]), 0);
    let run = folder.path().join("runs/00000-digits-dcgan28-small");
    assert_eq!(names(&run.join("checkpoints")).len(), 3);
    let lines = stats(&run);
    let of =
        |key: &str| -> Vec<u64> { lines.iter().map(|line| line[key].as_u64().unwrap()).collect() };
    let (steps, over) = (of("step"), of("steps"));
    assert!(steps.iter().copied().eq((2..=44).step_by(2).chain([45])), "{steps:?}");
    assert!(over.iter().copied().eq([2; 22].into_iter().chain([1])), "{over:?}");
}

#[test]
fn what_is_printed_last_can_be_typed() {
    let folder = TempDir::new().unwrap();
    let program = env!("CARGO_BIN_EXE_ganvas");
    let arguments = [&["train"], SMALL.as_slice(), &["--kimg", "0.002"]].concat();
    let said = |package: Option<&str>| {
        let mut command = ganvas(folder.path());
        command.args(&arguments).env_remove("CARGO_PKG_NAME");
        command.envs(package.map(|package| ("CARGO_PKG_NAME", package)));
        expect(&command.output().unwrap(), 0)
    };
    let typed = said(None);
    for next in ["sample", "train --kimg 0.004 --resume"] {
        let next = format!("{program} {next} runs/00000-digits-dcgan28-small");
        assert!(typed.contains(&next), "{next}: {typed}");
    }
    let by_cargo = said(Some("ganvas"));
    let next = "Next:   cargo run --release -p ganvas -- sample runs/00001-digits-dcgan28-small";
    assert!(by_cargo.contains(next), "{by_cargo}");
}

#[test]
fn a_seed_is_a_picture_whatever_else_is_asked_for() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.004"]), 0);
    let run_folder = "runs/00000-digits-dcgan28-small";
    let sample = |seeds: &str, out: &str| {
        let arguments = ["sample", run_folder, "--device", "cpu", "--seeds", seeds, "--out", out];
        expect(&run(folder.path(), &arguments), 0);
        fs::read(folder.path().join(out)).unwrap()
    };
    let first = sample("0-63", "a.png");
    assert!(first == sample("0-63", "b.png"), "the same seeds twice differ");
    let fakes = fs::read(folder.path().join(run_folder).join("fakes-00000002.png")).unwrap();
    assert!(first == fakes, "the run's own picture shows seeds 0 to 63");
    assert!(sample("5", "c.png") != sample("6", "c.png"), "two seeds are two pictures");

    let file = format!("{run_folder}/checkpoints/00000002.safetensors");
    for expected in ["sample-00000.png", "sample-00001.png"] {
        let said = expect(&run(folder.path(), &["sample", &file, "--device", "cpu"]), 0);
        assert!(said.contains(expected), "{said}");
        assert!(fs::read(folder.path().join(expected)).unwrap() == first, "{expected} differs");
    }
}

#[test]
fn a_dry_run_shows_the_networks_and_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let said = expect(&train(folder.path(), &["--dry-run"]), 0);
    for part in ["Generator", "Discriminator", "main.11", "Memory:", "\"kimg\": 300.0"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(names(folder.path()).is_empty());
}
