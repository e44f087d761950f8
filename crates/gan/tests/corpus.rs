//! The corpus of the fuzz targets, and what is near it: parsers of files from elsewhere never panic.

#[expect(unreachable_pub, reason = "the file is a crate of its own to the fuzz targets")]
#[path = "../../../fuzz/src/lib.rs"]
mod targets;

use std::{fs, path::Path};

/// Most bytes of a file that is damaged at every byte.
const SMALL: usize = 2_000;

/// Gives a target each file of its corpus, and each cut and damaged in many places.
fn run(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut files = 0;
    for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let mut bytes = fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        target(&bytes);
        let step = (bytes.len() / SMALL).max(1);
        for place in (0..bytes.len()).step_by(step) {
            target(&bytes[..place]);
            for damage in [0x01, 0x80, 0xff] {
                bytes[place] ^= damage;
                target(&bytes);
                bytes[place] ^= damage;
            }
        }
    }
    assert!(files > 0, "{} is empty", folder.display());
}

#[test]
fn hostile_checkpoints() {
    run("checkpoint", targets::checkpoint);
}

#[test]
fn hostile_weights() {
    run("weights", targets::weights);
}

#[test]
fn hostile_idx_files() {
    run("idx", targets::idx);
}

#[test]
fn hostile_images() {
    run("image", targets::image);
}

#[test]
fn hostile_zip_archives() {
    run("zip", targets::zip);
}

#[test]
fn hostile_cifar_archives() {
    run("cifar", targets::cifar);
}

#[test]
fn hostile_options() {
    run("options", targets::options);
}
