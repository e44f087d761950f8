//! The program as its users run it, on the CPU reference.

use std::{
    ffi::OsStr,
    fs,
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const SMALL: [&str; 6] = ["--device", "cpu", "--batch", "2", "--seed", "1"];

fn ganvas(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ganvas"));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    ganvas(folder).args(arguments).output().unwrap()
}

fn train(folder: &Path, arguments: &[&str]) -> Output {
    run(folder, &[&["train"], SMALL.as_slice(), arguments].concat())
}

#[track_caller]
fn expect(output: &Output, code: i32) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "stdout: {stdout}\nstderr: {stderr}");
    format!("{stdout}{stderr}")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn stats(run: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(run.join("stats.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn checkpoint(run: &Path, step: u64) -> Vec<u8> {
    fs::read(run.join(format!("checkpoints/{step:08}.safetensors"))).unwrap()
}

#[test]
fn a_run_leaves_pictures_statistics_and_checkpoints() {
    let folder = TempDir::new().unwrap();
    let said = expect(&train(folder.path(), &["--kimg", "0.006", "--snap", "0.004"]), 0);
    for part in ["CPU reference", "dcgan28-small", "10000 images", "Memory:", "ganvas sample"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let runs = folder.path().join("runs");
    assert_eq!(names(&runs), ["00000-digits-dcgan28-small"]);
    let run = runs.join("00000-digits-dcgan28-small");
    let files = [
        "checkpoints",
        "fakes-00000002.png",
        "fakes-00000003.png",
        "fakes-init.png",
        "options.json",
        "reals.png",
        "stats.jsonl",
    ];
    assert_eq!(names(&run), files);
    let checkpoints = ["00000002.safetensors", "00000003.safetensors"];
    assert_eq!(names(&run.join("checkpoints")), checkpoints);

    let lines = stats(&run);
    let last = lines.last().unwrap();
    assert_eq!((last["step"].as_u64(), last["kimg"].as_f64()), (Some(3), Some(0.006)));
    for key in ["seconds", "images_per_second", "loss_d", "loss_g", "d_real", "d_fake"] {
        assert!(last[key].as_f64().unwrap() > 0.0, "{key}: {last}");
    }
    let options: serde_json::Value =
        serde_json::from_slice(&fs::read(run.join("options.json")).unwrap()).unwrap();
    assert_eq!((&options["preset"], &options["batch"]), (&"dcgan28-small".into(), &2.into()));

    expect(&train(folder.path(), &["--kimg", "0.002"]), 0);
    assert_eq!(names(&runs).len(), 2, "a second run has a folder of its own");
}

#[test]
fn a_resumed_run_equals_one_that_was_never_stopped() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.008"]), 0);
    expect(&train(folder.path(), &["--kimg", "0.004"]), 0);
    let [whole, parts] = ["00000", "00001"]
        .map(|number| folder.path().join(format!("runs/{number}-digits-dcgan28-small")));
    let torn = "{\"step\":4,\"seconds\":9}\n{\"st";
    let lines = fs::read_to_string(parts.join("stats.jsonl")).unwrap();
    fs::write(parts.join("stats.jsonl"), format!("{lines}{torn}")).unwrap();

    let resume =
        |more: &[&str]| run(folder.path(), &[&["train", "--resume", "latest"], more].concat());
    expect(&resume(&["--kimg", "0.008"]), 0);
    assert!(checkpoint(&whole, 4) == checkpoint(&parts, 4), "the checkpoints differ");
    for picture in ["reals.png", "fakes-init.png", "fakes-00000004.png"] {
        let [a, b] = [&whole, &parts].map(|run| fs::read(run.join(picture)).unwrap());
        assert!(a == b, "{picture} differs");
    }
    let steps: Vec<u64> = stats(&parts).iter().map(|line| line["step"].as_u64().unwrap()).collect();
    assert!(steps.is_sorted() && steps.ends_with(&[4]), "{steps:?}");
    assert_eq!(steps.iter().filter(|&&step| step == 4).count(), 1, "{steps:?}");

    assert!(expect(&resume(&[]), 0).contains("0.008 kimg already"));
    let refused = expect(&resume(&["--batch", "3", "--seed", "1"]), 2);
    assert!(refused.contains("--batch is 3, but the run's is 2"), "{refused}");
    assert!(!refused.contains("--seed"), "{refused}");
}

#[test]
fn other_data_than_the_runs_are_refused() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let idx = |value: u8| {
        let header = [0x803_u32, 4, 28, 28].map(u32::to_be_bytes).concat();
        [header, vec![value; 4 * 784]].concat()
    };
    fs::write(data.join("train-images-idx3-ubyte"), idx(10)).unwrap();
    expect(&train(folder.path(), &["--data", "data", "--kimg", "0.002"]), 0);
    assert_eq!(names(&folder.path().join("runs")), ["00000-data-dcgan28-small"]);

    fs::write(data.join("train-images-idx3-ubyte"), idx(11)).unwrap();
    let resume = ["train", "--resume", "latest", "--kimg", "0.004"];
    let refused = expect(&run(folder.path(), &resume), 2);
    assert!(refused.contains("not those that the run began with"), "{refused}");
    let refused = expect(&run(folder.path(), &[&resume[..], &["--data", "digits"]].concat()), 2);
    assert!(refused.contains("10000 images") && refused.contains("4 images"), "{refused}");
    fs::write(data.join("train-images-idx3-ubyte"), idx(10)).unwrap();
    expect(&run(folder.path(), &resume), 0);
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
        ("missing", "missing: no such folder"),
        ("empty", "empty: holds no images"),
        ("broken", "cat.png: is not a PNG"),
        ("cut", "t10k-images-idx3-ubyte: is truncated"),
        ("few", "has 1 image but a batch takes 2"),
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
    assert!(said.contains("holds no runs"), "{said}");
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

#[cfg(unix)]
#[test]
fn interrupts_save_and_say_so() {
    let folder = TempDir::new().unwrap();
    for (number, (signal, code)) in [("-INT", 130), ("-TERM", 143)].into_iter().enumerate() {
        let arguments = [&["train"], SMALL.as_slice(), &["--kimg", "1000"]].concat();
        let child = start(folder.path(), &arguments);
        let run = folder.path().join(format!("runs/{number:05}-digits-dcgan28-small"));
        wait_for(&run.join("stats.jsonl"));
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let said = expect(&child.wait_with_output().unwrap(), code);
        assert!(said.contains("interrupted; saved"), "{said}");
        let checkpoints = names(&run.join("checkpoints"));
        let [file] = checkpoints.as_slice() else { panic!("{checkpoints:?}") };
        let step: u64 = file.trim_end_matches(".safetensors").parse().unwrap();
        assert_eq!(stats(&run).last().unwrap()["step"].as_u64(), Some(step));
    }
}

fn start(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Child {
    let mut command = ganvas(folder);
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn wait_for(file: &Path) {
    let started = Instant::now();
    while !file.exists() {
        assert!(started.elapsed() < Duration::from_secs(60), "{} never came", file.display());
        thread::sleep(Duration::from_millis(20));
    }
}
