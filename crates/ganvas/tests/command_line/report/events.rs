//! TensorBoard's files of runs that stop and go on.

use crate::{expect, names, run, train};
use std::{fs, path::Path};
use tempfile::TempDir;

/// The records of an event file, without their frames.
fn records(path: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(path).unwrap();
    let mut rest = bytes.as_slice();
    let mut records = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<8>() {
        let length = u64::from_le_bytes(*length) as usize;
        records.push(after[4..4 + length].to_vec());
        rest = &after[4 + length + 4..];
    }
    records
}

/// The step of an event: behind its time, a varint of one byte.
fn step(event: &[u8]) -> u8 {
    if event.get(9) == Some(&0x10) { event[10] } else { 0 }
}

/// Whether an event is the start of a session.
fn starts(event: &[u8]) -> bool {
    event.ends_with(&[0x3a, 2, 8, 1])
}

/// Whether a message has a text: one of the wire type 2 that is as long.
fn has(event: &[u8], tag: &str) -> bool {
    let field = [&[tag.len() as u8], tag.as_bytes()].concat();
    event.windows(field.len()).any(|window| window == field)
}

/// The steps at which TensorBoard shows a tag: a start drops what is there from its step on.
fn shown(run: &Path, tag: &str) -> Vec<u8> {
    let mut shown = Vec::new();
    let files = names(run).into_iter().filter(|name| name.contains("tfevents"));
    for event in files.flat_map(|name| records(&run.join(name))) {
        if starts(&event) {
            shown.retain(|&of| of < step(&event));
        } else if has(&event, tag) {
            shown.push(step(&event));
        }
    }
    shown
}

#[test]
fn every_tick_and_picture_is_an_event() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.012", "--snap", "0.004"]), 0);
    let run_folder = folder.path().join("runs/00000-digits-dcgan28-small");
    for tag in ["loss_d", "loss_g", "d_real", "d_fake", "images_per_second", "kimg", "seconds"] {
        assert_eq!(shown(&run_folder, tag), [1, 2, 3, 4, 5, 6], "{tag}");
    }
    assert_eq!(shown(&run_folder, "fakes"), [0, 2, 4, 6]);
    assert_eq!(shown(&run_folder, "reals"), [0]);
    let events = records(&run_folder.join("events.out.tfevents.00000.ganvas"));
    let picture = fs::read(run_folder.join("fakes-00000004.png")).unwrap();
    assert!(events.iter().any(|event| step(event) == 4 && event.ends_with(&picture)));
}

#[test]
fn what_a_killed_session_wrote_after_its_checkpoint_shows_once() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.012", "--snap", "0.004"]), 0);
    let run_folder = folder.path().join("runs/00000-digits-dcgan28-small");
    let first = run_folder.join("events.out.tfevents.00000.ganvas");
    // As if it was killed before its last two checkpoints.
    for step in ["00000004", "00000006"] {
        fs::remove_file(run_folder.join(format!("checkpoints/{step}.safetensors"))).unwrap();
    }
    let written = records(&first).len();
    expect(&run(folder.path(), &["train", "--resume", "latest"]), 0);
    assert_eq!(records(&first).len(), written, "an earlier session's file stays as it is");
    assert_eq!(shown(&run_folder, "loss_d"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(shown(&run_folder, "fakes"), [0, 2, 4, 6]);
    let second = records(&run_folder.join("events.out.tfevents.00001.ganvas"));
    assert!(starts(&second[1]) && step(&second[1]) == 3);

    // An older checkpoint begins a run of its own, whose pictures begin there.
    let older = run_folder.join("checkpoints/00000002.safetensors");
    let arguments = ["train", "--resume", older.to_str().unwrap(), "--kimg", "0.006"];
    expect(&run(folder.path(), &arguments), 0);
    let child = folder.path().join("runs/00001-digits-dcgan28-small");
    assert_eq!((shown(&child, "fakes"), shown(&child, "loss_d")), (vec![2, 3], vec![3]));
}
