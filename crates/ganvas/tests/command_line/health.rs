//! What is said and done when training collapses: here it is stalled, by a rate that moves nothing.

use super::{expect, names, options, run, stats};
use std::{path::Path, process::Output};
use tempfile::TempDir;

/// A run of tiny networks on the CPU, with a line for every step.
fn train(folder: &Path, arguments: &[&str]) -> Output {
    let tiny = ["train", "--device", "cpu", "--preset", "dcgan", "--size", "16x16", "--width", "1"];
    let often = ["--batch", "64", "--seed", "1", "--snap", "1"];
    run(folder, &[&tiny[..], &often, arguments].concat())
}

const STALLED: [&str; 4] = ["--learning-rate", "1e-9", "--kimg", "8"];

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
    assert!(said.contains("--fork --learning-rate 0.0000000005 --resume"), "{said}");

    // The run remembers what was asked for, and what it saw.
    let resume = ["train", "--resume", "latest"];
    assert!(expect(&run(folder.path(), &resume), 4).contains("training collapsed (stalled)"));
    expect(&run(folder.path(), &[&resume[..], &["--on-collapse", "warn"]].concat()), 0);
}

#[test]
fn a_collapse_is_rolled_back_three_times() {
    let folder = TempDir::new().unwrap();
    let arguments = [&STALLED[..], &["--on-collapse", "rollback", "--keep", "2"]].concat();
    let said = expect(&train(folder.path(), &arguments), 4);
    assert!(said.contains("training collapsed (stalled) after 3 rollbacks"), "{said}");
    assert_eq!(said.matches("going back to step 16 ").count(), 3, "{said}");
    let run_folder = first_run(folder.path());
    let record = options(&run_folder);
    let rollbacks = record["rollbacks"].as_array().unwrap();
    let seeds: Vec<u64> = rollbacks.iter().map(|back| back["seed"].as_u64().unwrap()).collect();
    assert_eq!((record["seed"].as_u64(), seeds), (Some(1), vec![2, 3, 4]));
    assert_eq!(rollbacks[2]["learning_rate"], 1.25e-10);
    for number in 1..=3 {
        let aside = run_folder.join(format!("collapsed-{number}"));
        let kept = names(&aside);
        assert!(kept.contains(&"stats.jsonl".to_owned()), "{kept:?}");
        assert!(kept.iter().any(|name| name.starts_with("fakes-")), "{kept:?}");
        assert!(names(&aside.join("checkpoints")).len() > 1, "{kept:?}");
    }
    let lines = stats(&run_folder);
    let steps: Vec<u64> = lines.iter().map(|line| line["step"].as_u64().unwrap()).collect();
    assert!(steps.is_sorted() && steps.windows(2).all(|two| two[0] < two[1]), "{steps:?}");
    // What was trained last goes on.
    let resume = ["train", "--resume", "latest", "--on-collapse", "warn"];
    expect(&run(folder.path(), &resume), 0);
}
