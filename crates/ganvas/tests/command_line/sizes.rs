//! Networks of any size, and runs that begin from another.

use super::{expect, names, options, run, stats, train};
use std::{fs, path::Path};
use tempfile::TempDir;

const UNEVEN: [&str; 8] = ["--size", "36x20", "--channels", "4", "--width", "2", "--kimg", "0.004"];

/// Width, height and colour type, 6 for RGBA, of a PNG.
fn png(path: &Path) -> (u32, u32, u8) {
    let bytes = fs::read(path).unwrap();
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20), bytes[25])
}

#[test]
fn transparent_images_of_an_uneven_size() {
    let folder = TempDir::new().unwrap();
    let said = expect(&train(folder.path(), &UNEVEN), 0);
    for part in ["36x20 colour with transparency", "Preset: dcgan of width 2, batch 2"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let run_folder = "runs/00000-digits-dcgan-36x20";
    let run_path = folder.path().join(run_folder);
    let record = options(&run_path);
    assert_eq!(record["size"], serde_json::json!([20, 36]));
    assert_eq!((&record["preset"], &record["width"]), (&"dcgan".into(), &2.into()));
    let pictures = ["reals.png", "fakes-init.png", "fakes-00000002.png"];
    for picture in pictures {
        assert_eq!(png(&run_path.join(picture)).2, 6, "{picture}");
    }

    let sample = ["sample", run_folder, "--device", "cpu", "--seeds", "3", "--out", "a.png"];
    expect(&run(folder.path(), &sample), 0);
    assert_eq!(png(&folder.path().join("a.png")), (36 * 8 + 4, 20 * 8 + 4, 6));
    let weights = format!("{run_folder}/checkpoints/00000002.safetensors");
    let trace = [&["--weights", &weights, "--out", "a.safetensors"], &UNEVEN[..6]].concat();
    let trace = [&["trace", "--device", "cpu", "--batch", "2"], &trace[..]].concat();
    assert!(expect(&run(folder.path(), &trace), 0).contains("tensors of step 1"));
    let dry = expect(&train(folder.path(), &[&UNEVEN[..], &["--dry-run"]].concat()), 0);
    assert!(dry.contains("4x20x36") && dry.contains("output padding 0,1"), "{dry}");

    let resume = ["train", "--resume", "latest", "--kimg", "0.006"];
    expect(&run(folder.path(), &[&resume[..], &UNEVEN[..6]].concat()), 0);
    assert_eq!(stats(&run_path).last().unwrap()["step"], 3);
}

#[test]
fn sizes_without_networks_are_refused_with_the_nearest() {
    let folder = TempDir::new().unwrap();
    for (size, part) in [
        ("30x20", "nearest are 28x20 and 32x20"),
        ("12", "nearest is 16x16"),
        ("64x512", "nearest is 64x256"),
        ("wide", "needs width and height, such as 96x48"),
    ] {
        let said = expect(&train(folder.path(), &["--size", size]), 2);
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = expect(&train(folder.path(), &["--preset", "dcgan28", "--width", "8"]), 2);
    assert!(said.contains("--width is for --preset dcgan"), "{said}");
    assert!(!folder.path().join("runs").is_dir() || names(&folder.path().join("runs")).is_empty());
}

#[test]
fn a_fork_goes_on_with_other_options_and_records_its_parent() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &UNEVEN), 0);
    let parent = folder.path().join("runs/00000-digits-dcgan-36x20");
    let before = fs::read(parent.join("options.json")).unwrap();
    let resume = |more: &[&str]| {
        run(folder.path(), &[&["train", "--resume", "latest", "--kimg", "0.01"], more].concat())
    };
    let changes = ["--batch", "3", "--seed", "9", "--mirror"];
    let refused = expect(&resume(&changes), 2);
    for part in ["--batch is 3, but the run's is 2", "--mirror is yes", "add --fork"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    for (option, value) in
        [("--size", "24x16"), ("--width", "4"), ("--channels", "1"), ("--preset", "dcgan64")]
    {
        let refused = expect(&resume(&["--fork", option, value]), 2);
        assert!(refused.contains(option) && refused.contains("networks stay"), "{refused}");
    }

    expect(&resume(&[&changes[..], &["--fork"]].concat()), 0);
    let child = folder.path().join("runs/00001-digits-dcgan-36x20");
    let record = options(&child);
    assert_eq!((&record["batch"], &record["seed"]), (&3.into(), &9.into()));
    assert_eq!((&record["mirror"], &record["parent"]["step"]), (&true.into(), &2.into()));
    // Four images in batches of two, then six in batches of three.
    let last = stats(&child).pop().unwrap();
    assert_eq!((last["step"].as_u64(), last["kimg"].as_f64()), (Some(4), Some(0.01)));
    assert!(fs::read(parent.join("options.json")).unwrap() == before, "the parent stays");

    expect(&run(folder.path(), &["train", "--resume", "latest", "--kimg", "0.016"]), 0);
    assert_eq!(stats(&child).last().unwrap()["step"], 6);
    let alone = expect(&run(folder.path(), &["train", "--fork"]), 2);
    assert!(alone.contains("--resume"), "{alone}");
}
