//! What is refused, with its exit code and its reason.

use super::{expect, names, run, train};
use gan::{checkpoint::encode, networks::Preset, options::TrainOptions, state::TrainState};
use std::fs;
use tempfile::TempDir;

#[test]
fn bad_data_exit_3_with_their_path() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["empty", "broken", "cut", "few"] {
        fs::create_dir(at(name)).unwrap();
    }
    fs::write(at("broken/cat.png"), "no image").unwrap();
    fs::write(at("cut/t10k-images-idx3-ubyte"), [0, 0, 8, 3, 0, 0]).unwrap();
    let one = [[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28].as_slice(), &[0; 784]].concat();
    fs::write(at("few/train-images-idx3-ubyte"), one).unwrap();
    for (source, part) in [
        ("missing", "missing: no such file or folder"),
        ("empty", "empty: holds no images"),
        ("broken", "cat.png: is not a PNG"),
        ("cut", "t10k-images-idx3-ubyte: is truncated"),
        ("./few", "./few: has 1 image but a batch takes 2"),
    ] {
        let said = expect(&train(folder.path(), &["--data", source]), 3);
        assert!(said.contains(part), "{part}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    assert!(names(&at("runs")).is_empty(), "no run was begun");

    for (run_folder, part) in [("nothing", "nothing is there"), ("broken/cat.png", "the header")] {
        let said = expect(&run(folder.path(), &["sample", run_folder, "--device", "cpu"]), 3);
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = expect(&run(folder.path(), &["train", "--resume", "latest"]), 3);
    assert!(said.contains("holds no run with a checkpoint"), "{said}");
    // Weights are looked at before the data.
    let said = expect(&train(folder.path(), &["--weights", "broken/cat.png", "--data", "x"]), 3);
    assert!(said.contains("broken/cat.png: "), "{said}");
}

#[test]
fn numbers_that_are_not_finite_exit_4_and_name_the_last_checkpoint() {
    let folder = TempDir::new().unwrap();
    let options = TrainOptions { batch: 2, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
    let mut state = TrainState::new(options).unwrap();
    state.discriminator.parameters.fill(1e38);
    fs::write(folder.path().join("huge"), encode(&state).unwrap()).unwrap();
    // The first snapshot comes before the first tick.
    let said = expect(&train(folder.path(), &["--weights", "huge", "--snap", "0.002"]), 4);
    assert!(said.contains("no longer finite, between steps 0 and 1"), "{said}");
    let checkpoint = "runs/00000-digits-dcgan28-small/checkpoints/00000000.safetensors";
    assert!(said.contains(&format!("the last checkpoint is {checkpoint}")), "{said}");
}

#[test]
fn unknown_devices_exit_5_and_name_those_that_exist() {
    let folder = TempDir::new().unwrap();
    let said = expect(&run(folder.path(), &["train", "--device", "no such device"]), 5);
    assert!(said.contains("no such device") && said.contains("cpu"), "{said}");
    let listed = run(folder.path(), &["devices", "--json"]);
    expect(&listed, 0);
    let devices: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let devices = devices.as_array().unwrap();
    assert_eq!(devices.last().unwrap()["device"], "cpu");
    assert_eq!(devices.iter().filter(|device| device["auto"] == true).count(), 1);
    for device in devices.iter().filter(|device| device["device"] != "cpu") {
        let name = device["name"].as_str().unwrap();
        assert!(said.contains(name), "{name}: {said}");
    }
    expect(&run(folder.path(), &["devices"]), 0);
}

#[test]
fn wrong_usage_exits_2() {
    let folder = TempDir::new().unwrap();
    for arguments in [
        ["train", "--kimg", "0"],
        ["train", "--batch", "1"],
        ["train", "--preset", "biggan"],
        ["train", "--weights", "a --resume b"],
        ["sample", "run", "--seeds"],
        ["paint", "a", "cat"],
    ] {
        let code = if arguments[1] == "--weights" { 3 } else { 2 };
        expect(&run(folder.path(), &arguments), code);
    }
    let said = expect(&train(folder.path(), &["--preset", "dcgan64"]), 2);
    assert!(said.contains("dcgan28"), "{said}");
    let help = expect(&run(folder.path(), &["train", "--help"]), 0);
    assert!(help.contains("Examples:") && help.contains("[default: 64]"), "{help}");
}
