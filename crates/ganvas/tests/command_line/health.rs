//! What is said and done when training collapses: here it is stalled, by a rate that moves nothing,
//! or the discriminator wins, as it learns a thousand times as fast as the generator.

use super::{expect, ganvas, names, options, reliability::log_without_times, run, stats, wait_for};
use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// A run of tiny networks on the CPU, with a line for every step.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = ganvas(folder);
    command.args(["train", "--device", "cpu", "--preset", "dcgan", "--size", "16x16"]);
    command.args(["--width", "1", "--batch", "64", "--seed", "1", "--snap", "1"]).args(arguments);
    command
}

fn train(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

const STALLED: [&str; 4] = ["--learning-rate", "1e-9", "--kimg", "8"];
const WINNING: [&str; 8] = [
    "--learning-rate",
    "1e-5",
    "--discriminator-ratio",
    "1000",
    "--kimg",
    "20",
    "--on-collapse",
    "rollback",
];

fn first_run(folder: &Path) -> std::path::PathBuf {
    let runs = folder.join("runs");
    runs.join(&names(&runs)[0])
}

#[test]
fn a_collapse_is_said_once_and_training_goes_on() {
    let folder = TempDir::new().unwrap();
    let said = expect(&train(folder.path(), &STALLED), 0);
    assert_eq!(said.matches("Health: stalled; steps of 0.000000001").count(), 1, "{said}");
    let run_folder = first_run(folder.path());
    let lines = stats(&run_folder);
    let last = lines.last().unwrap();
    assert_eq!(last["health"]["verdict"], "stalled", "{last}");
    assert_eq!(lines[0]["health"]["verdict"], "too early to tell");
    for key in ["grad_norm_d", "grad_norm_g", "memory_bytes"] {
        assert!(last[key].as_f64().unwrap() > 0.0, "{key}: {last}");
    }
    assert_eq!(options(&run_folder)["learning_rate"], 1e-9);

    let resume = ["train", "--resume", "latest", "--learning-rate", "0.1", "--kimg", "9"];
    let refused = expect(&run(folder.path(), &resume), 2);
    assert!(refused.contains("--learning-rate is 0.1, but the run's is 0.000000001"), "{refused}");
    expect(&run(folder.path(), &[&resume[..], &["--fork"]].concat()), 0);
    let forked = folder.path().join("runs").join(&names(&folder.path().join("runs"))[1]);
    assert_eq!(options(&forked)["learning_rate"], 0.1);
}

#[test]
fn a_collapse_stops_where_that_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let said =
        expect(&train(folder.path(), &[&STALLED[..], &["--on-collapse", "stop"]].concat()), 4);
    assert!(said.contains("training collapsed (stalled)"), "{said}");
    let run_folder = first_run(folder.path());
    let last = stats(&run_folder).last().unwrap()["step"].as_u64().unwrap();
    assert!((93..125).contains(&last), "stopped after step {last}");
    let saved = format!("{last:08}.safetensors");
    assert_eq!(names(&run_folder.join("checkpoints")).last(), Some(&saved));
    // Steps that are smaller still would change nothing, and neither would going back.
    assert!(said.contains("begin anew with another --learning-rate"), "{said}");
    assert!(!said.contains("--fork"), "{said}");
    let rollback = [&STALLED[..], &["--on-collapse", "rollback"]].concat();
    let said = expect(&train(folder.path(), &rollback), 4);
    assert!(said.contains("training collapsed (stalled);"), "{said}");

    // Step 63 is the first that can be judged, and 2,000 images after it a collapse has lasted.
    for (kimg, code) in [("6.016", 0), ("6.08", 4)] {
        let folder = TempDir::new().unwrap();
        let arguments = [&STALLED[..2], &["--kimg", kimg, "--on-collapse", "stop"]].concat();
        expect(&train(folder.path(), &arguments), code);
    }

    // The run remembers what was asked for, and what it saw.
    let resume = ["train", "--resume", "latest"];
    assert!(expect(&run(folder.path(), &resume), 4).contains("training collapsed (stalled)"));
    expect(&run(folder.path(), &[&resume[..], &["--on-collapse", "warn"]].concat()), 0);
}

#[test]
fn a_collapse_is_rolled_back_three_times() {
    let folder = TempDir::new().unwrap();
    let arguments = [&WINNING[..], &["--keep", "2"]].concat();
    let said = expect(&train(folder.path(), &arguments), 4);
    let ended = "training collapsed (discriminator winning) after 3 rollbacks";
    assert!(said.contains(ended) && said.contains("--fork --discriminator-ratio 62.5"), "{said}");
    assert_eq!(said.matches("going back to step ").count(), 3, "{said}");
    let run_folder = first_run(folder.path());
    let record = options(&run_folder);
    let rollbacks = record["rollbacks"].as_array().unwrap();
    let seeds: Vec<u64> = rollbacks.iter().map(|back| back["seed"].as_u64().unwrap()).collect();
    assert_eq!((record["seed"].as_u64(), seeds), (Some(1), vec![2, 3, 4]));
    let rates = [&rollbacks[2]["learning_rate"], &rollbacks[2]["discriminator_ratio"]];
    assert_eq!(rates, [1e-5, 125.0]);
    for number in 1..=3 {
        let aside = run_folder.join(format!("collapsed-{number}"));
        let kept = names(&aside);
        assert!(kept.contains(&"stats.jsonl".to_owned()), "{kept:?}");
        assert!(kept.iter().any(|name| name.starts_with("fakes-")), "{kept:?}");
        assert!(names(&aside.join("checkpoints")).len() > 1, "{kept:?}");
        expect(&run(&aside, &["report", "."]), 0);
    }
    // Each rollback begins a file, by which TensorBoard hides what was taken back.
    let events = names(&run_folder).into_iter().filter(|name| name.contains("tfevents"));
    assert_eq!(events.count(), 4);
    let lines = stats(&run_folder);
    let steps: Vec<u64> = lines.iter().map(|line| line["step"].as_u64().unwrap()).collect();
    assert!(steps.is_sorted() && steps.windows(2).all(|two| two[0] < two[1]), "{steps:?}");
    // What was trained last goes on.
    let resume = ["train", "--resume", "latest", "--on-collapse", "warn"];
    expect(&run(folder.path(), &resume), 0);
}

#[test]
fn a_run_that_is_killed_after_going_back_goes_on_exactly() {
    let [whole, killed] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    expect(&train(whole.path(), &WINNING), 4);

    let mut child = command(killed.path(), &WINNING);
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for(&killed.path().join("runs"));
    let name = names(&whole.path().join("runs"))[0].clone();
    let [whole, parts] = [whole.path(), killed.path()].map(|path| path.join("runs").join(&name));
    wait_for(&parts.join("collapsed-1"));
    wait_for(&parts.join("checkpoints/00000047.safetensors"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!parts.join("collapsed-2").exists(), "it was killed too late to show anything");

    expect(&run(killed.path(), &["train", "--resume", "latest"]), 4);
    same_rollbacks(&whole, &parts);
}

/// What a run is between the record of a rollback and its checkpoint, put together from what was set
/// aside: the log and the checkpoint are still those of before.
#[test]
fn a_run_that_is_killed_while_going_back_goes_on_exactly() {
    let [whole, killed] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    expect(&train(whole.path(), &WINNING), 4);
    let whole = first_run(whole.path());
    let parts = killed.path().join("runs").join(whole.file_name().unwrap());
    let aside = whole.join("collapsed-1");
    fs::create_dir_all(parts.join("checkpoints")).unwrap();
    fs::create_dir_all(parts.join("collapsed-1/checkpoints")).unwrap();
    let mut record = options(&whole);
    record["rollbacks"].as_array_mut().unwrap().truncate(1);
    let to_step = record["rollbacks"][0]["to_step"].as_u64().unwrap();
    fs::write(parts.join("options.json"), record.to_string()).unwrap();
    fs::copy(aside.join("stats.jsonl"), parts.join("stats.jsonl")).unwrap();
    for name in names(&aside.join("checkpoints")) {
        let name = Path::new("checkpoints").join(name);
        fs::copy(aside.join(&name), parts.join("collapsed-1").join(&name)).unwrap();
    }
    for name in names(&whole.join("checkpoints")) {
        let step: u64 = name.split('.').next().unwrap().parse().unwrap();
        let from = if step == to_step { &aside } else { &whole };
        if step <= to_step {
            let name = Path::new("checkpoints").join(name);
            fs::copy(from.join(&name), parts.join(&name)).unwrap();
        }
    }
    let newest = format!("{to_step:08}.safetensors");
    assert_eq!(names(&parts.join("checkpoints")).last(), Some(&newest));

    expect(&run(killed.path(), &["train", "--resume", "latest"]), 4);
    same_rollbacks(&whole, &parts);
}

/// That two runs went back alike, and saved the same.
fn same_rollbacks(whole: &Path, parts: &Path) {
    assert_eq!(options(whole)["rollbacks"], options(parts)["rollbacks"]);
    assert_eq!(log_without_times(whole), log_without_times(parts));
    let folders = ["checkpoints", "collapsed-1/checkpoints", "collapsed-3/checkpoints"];
    for folder in folders {
        let checkpoints = names(&whole.join(folder));
        assert!(!checkpoints.is_empty() && checkpoints == names(&parts.join(folder)), "{folder}");
        for name in checkpoints {
            let [a, b] = [whole, parts].map(|run| fs::read(run.join(folder).join(&name)).unwrap());
            assert!(a == b, "{folder}/{name} differs");
        }
    }
}
