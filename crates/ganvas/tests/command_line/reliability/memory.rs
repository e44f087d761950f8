//! An adapter without memory, as the limit on a process's addresses makes one of a software adapter.

use crate::{expect, run};
use std::{env, process::Command};
use tempfile::TempDir;

/// Kilobytes of addresses: the program and its driver take less than half, and a step of so many
/// images more.
const LIMITED: &str = "ulimit -v 1500000; exec \"$0\" \"$@\"";

#[test]
fn an_adapter_without_memory_exits_5_with_what_was_asked_and_in_use() {
    if env::var("ALLOW_NO_GPU").as_deref() == Ok("1") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let listed = run(path, &["devices", "--json"]).stdout;
    let listed: Vec<serde_json::Value> = serde_json::from_slice(&listed).unwrap();
    let Some(software) = listed.iter().find(|device| device["kind"] == "software") else {
        println!("skipped: memory of a GPU cannot be limited, and there is no software adapter");
        return;
    };
    let large = ["--preset", "dcgan28", "--batch", "2048", "--kimg", "2", "--no-tune", "--device"];
    let train = [&["train"], large.as_slice(), &[software["device"].as_str().unwrap()]].concat();
    expect(&run(path, &[train.as_slice(), &["--dry-run"]].concat()), 0);

    let mut command = Command::new("sh");
    command.args(["-c", LIMITED, env!("CARGO_BIN_EXE_ganvas")]).args(train);
    // Each thread of the driver, the program and the allocator takes addresses of its own.
    command.envs([("LP_NUM_THREADS", "2"), ("RAYON_NUM_THREADS", "2"), ("MALLOC_ARENA_MAX", "2")]);
    let said = expect(&command.current_dir(path).output().unwrap(), 5);
    for part in ["out of memory on the device: ", "asked for the result of ", " in use", "--batch"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}
