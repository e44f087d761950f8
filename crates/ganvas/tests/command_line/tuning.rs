//! Variants are measured once for an adapter, kept in a cache, and recorded in runs.

use crate::{checkpoint, expect, ganvas, names};
use serde_json::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Trains on the preferred adapter with the cache in a folder of the test's own.
fn train(folder: &Path, arguments: &[&str]) -> String {
    let mut command = ganvas(folder);
    command.env("GANVAS_CACHE_DIR", folder.join("cache")).arg("train").args(arguments);
    expect(&command.output().unwrap(), 0)
}

const NEW: [&str; 6] = ["--preset", "dcgan28-small", "--batch", "2", "--kimg", "0.002"];

fn file(folder: &Path) -> PathBuf {
    let names = names(&folder.join("cache"));
    let [name] = names.as_slice() else { panic!("{names:?}") };
    assert!(name.starts_with("tuning-") && name.ends_with(".json"), "{name}");
    folder.join("cache").join(name)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn run(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("runs/{number:05}-digits-dcgan28-small"))
}

/// The variants in a checkpoint's metadata.
fn recorded(run: &Path, step: u64) -> Value {
    let bytes = checkpoint(run, step);
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let metadata = header["__metadata__"]["ganvas"].as_str().unwrap();
    serde_json::from_str::<Value>(metadata).unwrap()["state"]["variants"].clone()
}

#[test]
fn what_was_measured_is_kept_and_recorded() {
    if env::var("ALLOW_NO_GPU").as_deref() == Ok("1") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let said = train(path, &NEW);
    assert!(said.contains("Tuned:") && said.contains("not in the default variant"), "{said}");
    let cached = json(&file(path));
    let products = cached["products"].as_object().unwrap();
    assert!(!products.is_empty(), "{cached}");
    let tuning = json(&run(path, 0).join("tuning.json"));
    assert_eq!(tuning["adapter"], cached["adapter"]["name"]);
    assert_eq!(tuning["driver"], cached["adapter"]["driver"]);
    for (product, entry) in products {
        assert_eq!(entry["variant"], tuning["products"][product], "{product}");
        let timed = entry["milliseconds"].as_object().unwrap();
        assert!(timed.contains_key(entry["variant"].as_str().unwrap()), "{product}: {entry}");
    }
    assert_eq!(recorded(&run(path, 0), 0), tuning);
    assert_eq!(recorded(&run(path, 0), 1), tuning);

    // A file that serves nothing is named in one line, and replaced.
    fs::write(file(path), "{").unwrap();
    let said = train(path, &NEW);
    let ignored = said.lines().filter(|line| line.contains("is ignored and replaced")).count();
    assert!(ignored == 1 && said.contains("Tuned:"), "{said}");
    assert!(!json(&file(path))["products"].as_object().unwrap().is_empty());

    // Resuming takes what the checkpoint says, whatever the cache does.
    fs::write(file(path), "{").unwrap();
    let resume = ["--resume", "runs/00000-digits-dcgan28-small", "--kimg", "0.004"];
    let said = train(path, &resume);
    assert!(!said.contains("Tuned:") && !said.contains("ignored"), "{said}");
    assert_eq!(fs::read(file(path)).unwrap(), b"{");
    assert_eq!(recorded(&run(path, 0), 2), tuning);
}

#[test]
fn without_tuning_the_rule_is_recorded_and_the_numbers_are_the_same() {
    if env::var("ALLOW_NO_GPU").as_deref() == Ok("1") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let said = train(path, &[&NEW[..], &["--no-tune"]].concat());
    assert!(!said.contains("Tuned:"), "{said}");
    assert!(!path.join("cache").exists());
    let by_rule = recorded(&run(path, 0), 1);
    assert_eq!(by_rule, json(&run(path, 0).join("tuning.json")));

    // A cache that cannot be written costs a line.
    fs::write(path.join("cache"), "a file where a folder should be").unwrap();
    let said = train(path, &NEW);
    let lines = said.lines().filter(|line| line.contains("cannot be written")).count();
    assert!(lines == 1 && said.contains("Done:"), "{said}");

    let tensors = |number| {
        let bytes = checkpoint(&run(path, number), 1);
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        bytes[8 + length..].to_vec()
    };
    assert!(tensors(0) == tensors(1), "tuned or not, the numbers are the same");

    // Without tuning, a resumed run goes back to the rule.
    let resume = ["--resume", "runs/00001-digits-dcgan28-small", "--kimg", "0.004", "--no-tune"];
    train(path, &resume);
    assert_eq!(recorded(&run(path, 1), 2), by_rule);
}
