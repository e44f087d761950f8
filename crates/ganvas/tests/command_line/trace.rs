//! Traces as users write and read them.

use super::{SMALL, checkpoint, expect, names, run, train};
use gan::{checkpoint::encode, networks::Preset, options::TrainOptions, state::TrainState};
use safetensors::{Dtype, SafeTensors};
use std::{collections::BTreeMap, fs, path::Path};
use tempfile::TempDir;

const RUN: &str = "runs/00000-digits-dcgan28-small";

fn trace(folder: &Path, arguments: &[&str]) -> std::process::Output {
    run(folder, &[&["trace"], SMALL.as_slice(), arguments].concat())
}

/// A file's tensors by name, and its metadata.
struct File {
    tensors: BTreeMap<String, Vec<u8>>,
    metadata: serde_json::Value,
}

fn read(bytes: &[u8]) -> File {
    let tensors = SafeTensors::deserialize(bytes).unwrap();
    let (_, header) = SafeTensors::read_metadata(bytes).unwrap();
    let metadata = header.metadata().clone().unwrap_or_default();
    let json = metadata.get("ganvas_trace").map_or("null", String::as_str);
    assert!(tensors.iter().all(|(_, view)| view.dtype() == Dtype::F32));
    File {
        tensors: tensors
            .iter()
            .map(|(name, view)| (name.to_owned(), view.data().to_vec()))
            .collect(),
        metadata: serde_json::from_str(json).unwrap(),
    }
}

/// Every tensor of a checkpoint is in the trace under its name, `suffix` behind its part's.
#[track_caller]
fn assert_holds(trace: &File, checkpoint: &[u8], suffix: &str) {
    let checkpoint = read(checkpoint);
    assert!(checkpoint.tensors.len() > 50);
    for (name, bytes) in &checkpoint.tensors {
        let renamed = name.replacen(".main.", &format!("{suffix}.main."), 1);
        assert!(trace.tensors[&renamed] == *bytes, "{renamed} is not the checkpoint's");
    }
}

#[test]
fn a_trace_is_the_step_that_training_takes() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.004", "--snap", "0.002"]), 0);
    let run_folder = folder.path().join(RUN);
    let of = |arguments: &[&str]| {
        let said = expect(&trace(folder.path(), arguments), 0);
        let file = read(&fs::read(folder.path().join(arguments[1])).unwrap());
        for part in [arguments[1], &format!("{} tensors", file.tensors.len()), "load_file"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        file
    };

    let first = of(&["--out", "new/first.safetensors"]);
    assert_holds(&first, &checkpoint(&run_folder, 0), "");
    assert_holds(&first, &checkpoint(&run_folder, 1), "_after");
    assert_eq!(first.metadata["device"], "CPU reference");
    assert_eq!(first.metadata["data"], "digits");
    assert_eq!((&first.metadata["step"], &first.metadata["images"]), (&0.into(), &0.into()));
    assert_eq!(names(&folder.path().join("new")), ["first.safetensors"]);

    let earlier = format!("{RUN}/checkpoints/00000001.safetensors");
    let second = of(&["--out", "second", "--resume", &earlier]);
    assert_holds(&second, &checkpoint(&run_folder, 1), "");
    assert_holds(&second, &checkpoint(&run_folder, 2), "_after");
    assert_eq!((&second.metadata["step"], &second.metadata["images"]), (&1.into(), &2.into()));
    let third = of(&["--out", "third", "--resume", RUN]);
    assert_holds(&third, &checkpoint(&run_folder, 2), "");
    assert!(third.tensors["real"] != second.tensors["real"], "the next batch is another");
    assert_eq!(names(&folder.path().join("runs")).len(), 1, "a trace begins no run");
}

#[test]
fn training_and_traces_start_from_a_traces_weights() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    expect(&trace(folder.path(), &["--out", "a"]), 0);
    let a = fs::read(at("a")).unwrap();
    let other_seed = ["trace", "--device", "cpu", "--batch", "2", "--seed", "9", "--weights", "a"];
    // The file that is read may be the one that is replaced.
    fs::copy(at("a"), at("b")).unwrap();
    for out in ["b", "a"] {
        expect(&run(folder.path(), &[&other_seed[..], &["--out", out]].concat()), 0);
    }
    let b = fs::read(at("b")).unwrap();
    assert!(b == fs::read(at("a")).unwrap(), "the same step, other bytes");
    let (a, b) = (read(&a), read(&b));
    assert_eq!(b.metadata["options"]["seed"], 9);
    for (name, bytes) in a.tensors.iter().filter(|(name, _)| name.contains(".param.")) {
        assert!(b.tensors[name] == *bytes, "{name} is not the weights file's");
    }
    assert!(a.tensors["z"] != b.tensors["z"]);
    assert_eq!(names(folder.path()), ["a", "b"]);

    expect(&train(folder.path(), &["--weights", "a", "--kimg", "0.002"]), 0);
    let begun = read(&checkpoint(&folder.path().join(RUN), 0));
    for (name, bytes) in begun.tensors.iter().filter(|(name, _)| name.contains(".param.")) {
        assert!(b.tensors[name] == *bytes, "{name} is not the trace's");
    }
}

#[test]
fn what_cannot_be_traced_is_refused_and_replaces_nothing() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("there")).unwrap();
    fs::write(folder.path().join("kept"), "old").unwrap();
    for (arguments, code, part) in [
        (["--seed", "2"].as_slice(), 2, "--out"),
        (&["--out", "kept", "--weights", "a", "--resume", "b"], 2, "cannot be used with"),
        (&["--out", "kept", "--preset", "dcgan64"], 2, "--preset dcgan28"),
        (&["--out", "kept", "--kimg", "1"], 2, "--kimg"),
        (&["--out", "there"], 3, "names a folder"),
        (&["--out", "there/"], 3, "names a folder"),
        (&["--out", "missing/"], 3, "names a folder"),
        (&["--out", "kept/"], 3, "names a folder"),
        (&["--out", "kept/a"], 3, "cannot be written to"),
        (&["--out", "kept", "--data", "missing"], 3, "no such file or folder"),
        (&["--out", "kept", "--weights", "kept"], 3, "safetensors"),
        (&["--out", "kept", "--resume", "latest"], 3, "runs: "),
    ] {
        let mut all = vec!["trace", "--device", "cpu", "--batch", "2"];
        all.extend(arguments);
        let said = expect(&run(folder.path(), &all), code);
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(fs::read(folder.path().join("kept")).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["kept", "there"]);
}

#[test]
fn a_trace_of_numbers_that_are_not_finite_is_written_and_exits_4() {
    let folder = TempDir::new().unwrap();
    let options = TrainOptions { batch: 2, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
    let mut state = TrainState::new(options).unwrap();
    state.discriminator.parameters.fill(1e38);
    fs::write(folder.path().join("huge"), encode(&state).unwrap()).unwrap();
    let said = expect(&trace(folder.path(), &["--weights", "huge", "--out", "a"]), 4);
    assert!(said.contains("wrote a") && said.contains("act.d_real.main.0"), "{said}");
    let file = read(&fs::read(folder.path().join("a")).unwrap());
    assert!(file.tensors.contains_key("d.param_after.main.0.weight"));
}
