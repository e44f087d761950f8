//! A run that is killed, at any moment, however often.

use super::{checkpoints, partial_files, run_folder, state};
use crate::{SMALL, checkpoint, expect, names, run, start, stats, train};
use std::{
    path::Path,
    process::Child,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const KILLS: u64 = 50;

/// Microseconds below a limit, hashed from the number of the kill.
fn moment(kill: u64, below: u64) -> Duration {
    Duration::from_micros((kill + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) % below)
}

/// Waits until a checkpoint is being written.
fn wait_for_a_save(run: &Path, child: &mut Child) {
    let started = Instant::now();
    let checkpoints = run.join("checkpoints");
    let saving = || {
        checkpoints.is_dir() && names(&checkpoints).iter().any(|name| name.ends_with(".partial"))
    };
    while !saving() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        assert!(started.elapsed() < Duration::from_secs(60), "nothing was saved");
    }
}

/// Two kills of three come while a checkpoint is being written, the others at any moment.
#[test]
fn fifty_kills_leave_whole_checkpoints_and_lose_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let run_folder = run_folder(path, 0, "dcgan28-small");
    let (mut half_written, mut steps) = (0, 0);
    for kill in 0..KILLS {
        let begun = !run_folder.exists() || checkpoints(&run_folder).is_empty();
        let arguments = match begun {
            true => [&["train"], SMALL.as_slice(), &["--snap", "0.002"]].concat(),
            false => vec!["train", "--resume", "latest"],
        };
        // A run that was killed before its first checkpoint has nothing to go on from.
        if begun && run_folder.exists() {
            std::fs::remove_dir_all(&run_folder).unwrap();
        }
        let mut child = start(path, &arguments);
        if kill % 3 == 0 {
            thread::sleep(moment(kill, 500_000));
        } else {
            // The first save of a resumed run finds what the kill before left.
            wait_for_a_save(&run_folder, &mut child);
            thread::sleep(moment(kill, 12_000));
        }
        // SIGKILL: the program has no time to tidy up.
        child.kill().unwrap();
        child.wait().unwrap();
        if !run_folder.join("checkpoints").is_dir() {
            continue;
        }
        half_written += usize::from(!partial_files(&run_folder).is_empty());
        // Older ones were looked at before.
        for checkpoint in checkpoints(&run_folder).iter().rev().take(4) {
            state(checkpoint);
        }
        let newest = checkpoints(&run_folder).last().map_or(0, |newest| state(newest).step);
        assert!(newest >= steps, "kill {kill} lost step {steps}, the newest is {newest}");
        steps = newest;
    }
    assert!(half_written > 0, "no kill came while something was written");
    assert!(steps > 0, "nothing was learnt");

    let kimg = ((steps + 1) as f64 * 0.002).to_string();
    expect(&run(path, &["train", "--resume", "latest", "--kimg", &kimg]), 0);
    assert_eq!(partial_files(&run_folder), [""; 0]);
    let logged: Vec<u64> =
        stats(&run_folder).iter().map(|line| line["step"].as_u64().unwrap()).collect();
    assert!(logged.iter().copied().eq(1..=steps + 1), "each step has a line: {logged:?}");
    println!("{KILLS} kills, {half_written} in the middle of a file, {steps} steps");

    // After all that it is, to the bit, a run that was never stopped.
    expect(&train(path, &["--kimg", &kimg, "--snap", "0.002"]), 0);
    let whole = super::run_folder(path, 1, "dcgan28-small");
    let [whole, killed] = [&whole, &run_folder].map(|run| checkpoint(run, steps + 1));
    assert!(whole == killed, "the checkpoints differ");
}
