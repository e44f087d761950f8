//! The program as its users run it, on the CPU reference; the doctor and the benches on an adapter.

mod bench;
mod data;
mod doctor;
mod export;
mod health;
mod manual;
mod metrics;
mod refusals;
mod reliability;
mod report;
mod resume;
mod runs;
mod sample;
mod sizes;
#[cfg(unix)]
mod terminal;
mod trace;
mod tuning;

use std::{
    ffi::OsStr,
    fs,
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

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

/// What is in a folder, but for what is hidden.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    names
}

fn stats(run: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(run.join("stats.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn options(run: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(run.join("options.json")).unwrap()).unwrap()
}

fn checkpoint(run: &Path, step: u64) -> Vec<u8> {
    fs::read(run.join(format!("checkpoints/{step:08}.safetensors"))).unwrap()
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
