//! Runs that stop and go on.

use super::{
    SMALL, checkpoint, expect, names, options, reliability::log_without_times, run, start, stats,
    train, wait_for,
};
use std::{
    fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

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
    // The line at the stop went into the next, which is over the steps before it too.
    let [whole, parts] = [&whole, &parts].map(|run| log_without_times(run));
    assert_eq!(whole, parts);
    assert_eq!((whole.len(), &whole[0]["steps"]), (1, &4.into()));

    assert!(expect(&resume(&[]), 0).contains("0.008 kimg already"));
    let refused = expect(&resume(&["--batch", "3", "--seed", "1"]), 2);
    assert!(refused.contains("--batch is 3, but the run's is 2"), "{refused}");
    assert!(!refused.contains("--seed"), "{refused}");
}

/// The first stop falls between two lines, and the kill comes before the next checkpoint.
#[test]
fn a_run_stopped_then_killed_has_the_log_of_one_that_was_not() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.012"]), 0);
    expect(&train(folder.path(), &["--kimg", "0.004"]), 0);
    let [whole, parts] = ["00000", "00001"]
        .map(|number| folder.path().join(format!("runs/{number}-digits-dcgan28-small")));
    let mut killed = start(folder.path(), &["train", "--resume", "latest", "--kimg", "1000"]);
    let began = Instant::now();
    while fs::read(parts.join("stats.jsonl")).is_ok_and(|lines| !lines.is_empty()) {
        assert!(began.elapsed() < Duration::from_secs(60), "the line is not taken up");
        thread::sleep(Duration::from_millis(5));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(names(&parts.join("checkpoints")).len(), 2, "killed before another checkpoint");
    let resume = ["train", "--resume", "latest", "--kimg", "0.012"];
    expect(&run(folder.path(), &resume), 0);
    assert_eq!(log_without_times(&whole), log_without_times(&parts));
    assert!(checkpoint(&whole, 6) == checkpoint(&parts, 6), "the checkpoints differ");
}

#[test]
fn a_run_killed_at_its_start_goes_on() {
    let folder = TempDir::new().unwrap();
    let mut child =
        start(folder.path(), &[&["train"], SMALL.as_slice(), &["--kimg", "1000"]].concat());
    let run_folder = folder.path().join("runs/00000-digits-dcgan28-small");
    wait_for(&run_folder.join("checkpoints/00000000.safetensors"));
    child.kill().unwrap();
    child.wait().unwrap();
    expect(&run(folder.path(), &["train", "--resume", "latest", "--kimg", "0.004"]), 0);
    assert_eq!(stats(&run_folder).last().unwrap()["step"], 2);
}

#[test]
fn an_older_checkpoint_goes_on_in_a_run_of_its_own() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.006", "--snap", "0.002"]), 0);
    let [parent, child] = ["00000", "00001"]
        .map(|number| folder.path().join(format!("runs/{number}-digits-dcgan28-small")));
    let before = fs::read(parent.join("options.json")).unwrap();
    let resume = |file: &str, kimg: &str| {
        let file = parent.join("checkpoints").join(file);
        run(folder.path(), &["train", "--resume", file.to_str().unwrap(), "--kimg", kimg])
    };
    assert!(expect(&resume("00000003.safetensors", "0.004"), 0).contains("0.006 kimg already"));
    assert!(fs::read(parent.join("options.json")).unwrap() == before, "nothing was trained");

    expect(&resume("00000001.safetensors", "0.006"), 0);
    assert!(checkpoint(&parent, 3) == checkpoint(&child, 3), "the checkpoints differ");
    assert!(checkpoint(&parent, 1) == checkpoint(&child, 1), "it begins with its parent's");
    assert!(fs::read(parent.join("options.json")).unwrap() == before);
    let began = &options(&child)["parent"];
    assert_eq!(began["step"], 1);
    assert!(began["checkpoint"].as_str().unwrap().ends_with("00000001.safetensors"), "{began}");
    assert_eq!(stats(&child)[0]["step"], 2);

    expect(&resume("00000003.safetensors", "0.008"), 0);
    assert_eq!(names(&folder.path().join("runs")).len(), 2, "the newest goes on in place");
    let options = options(&parent);
    let resumed = options["resumed"].as_array().unwrap();
    assert_eq!((resumed.len(), resumed[0]["kimg"].as_f64()), (1, Some(0.006)));
    assert_eq!(resumed[0]["device"], options["device"]);
    assert!(options["parent"].is_null());

    fs::copy(parent.join("checkpoints/00000001.safetensors"), folder.path().join("a")).unwrap();
    let refused = expect(&run(folder.path(), &["train", "--resume", "a"]), 3);
    assert!(refused.contains("a: lies in no run's checkpoints folder"), "{refused}");
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

#[cfg(unix)]
#[test]
fn interrupts_save_and_say_so() {
    let folder = TempDir::new().unwrap();
    for (number, (signal, code)) in [("-INT", 130), ("-TERM", 143)].into_iter().enumerate() {
        let arguments = [&["train"], SMALL.as_slice(), &["--kimg", "1000", "--snap", "2"]].concat();
        let child = start(folder.path(), &arguments);
        let run = folder.path().join(format!("runs/{number:05}-digits-dcgan28-small"));
        wait_for(&run.join("stats.jsonl"));
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let said = expect(&child.wait_with_output().unwrap(), code);
        assert!(said.contains("stopping after this step; again to stop without"), "{said}");
        let go_on = format!("train --resume runs/{number:05}-digits-dcgan28-small");
        assert!(said.contains("interrupted; saved") && said.contains(&go_on), "{said}");
        let checkpoints = names(&run.join("checkpoints"));
        let [_first, file] = checkpoints.as_slice() else { panic!("{checkpoints:?}") };
        let step: u64 = file.trim_end_matches(".safetensors").parse().unwrap();
        assert_eq!(stats(&run).last().unwrap()["step"].as_u64(), Some(step));
    }
}
