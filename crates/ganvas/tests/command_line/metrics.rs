//! Scores and classifiers as users ask for them.

use super::{expect, ganvas, names, options, run, train};
use image::{GrayImage, Luma};
use serde_json::Value;
use std::{fs, path::Path, process::Output};
use tempfile::TempDir;

const RUN: &str = "runs/00000-digits-dcgan28-small";

fn measure(folder: &Path, arguments: &[&str]) -> Output {
    let few = ["--device", "cpu", "--images", "24"];
    let mut command = ganvas(folder);
    command.env("GANVAS_CACHE_DIR", folder.join("cache"));
    command.arg("metrics").args(arguments).args(few).output().unwrap()
}

/// Folders of bright and of dark images with a little of everything in them.
fn images_by_class(folder: &Path, each: u8) {
    for (class, level) in [("dark", 20), ("bright", 200)] {
        let class = folder.join(class);
        fs::create_dir_all(&class).unwrap();
        for index in 0..each {
            let pixel =
                |x: u32, y: u32| Luma([level + (x * 7 + y * 3 + u32::from(index) * 5) as u8 % 40]);
            GrayImage::from_fn(16, 16, pixel).save(class.join(format!("{index:03}.png"))).unwrap();
        }
    }
}

#[test]
fn a_run_is_measured_against_its_own_data() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.01"]), 0);
    let said = expect(&measure(folder.path(), &[RUN]), 0);
    for part in [
        "average weights, seeds 0 to 23",
        "Reals:    digits, 10000 images, 28x28 grey",
        "the bundled classifier of digits (99.",
        "24 images against 24 real ones",
        "| coverage ",
        "floor: 24 real images against 24 others",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }

    let output = measure(folder.path(), &[RUN, "--metrics", "fd,modes", "--json"]);
    expect(&output, 0);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let scores = json["scores"].as_object().unwrap();
    assert_eq!(scores.keys().collect::<Vec<_>>(), ["fd", "label_kl", "modes"]);
    for (name, score) in scores {
        assert!(score["value"].is_number() && score["floor"].is_number(), "{name}: {score}");
    }
    assert!(scores["fd"]["value"].as_f64() > scores["fd"]["floor"].as_f64(), "{json}");
    assert_eq!((&json["images"], &json["features"]["network"]), (&24.into(), &"digits".into()));
    let by_class = json["images_by_class"].as_object().unwrap().values();
    assert_eq!(by_class.map(|count| count.as_u64().unwrap()).sum::<u64>(), 24);
    let trained =
        measure(folder.path(), &[RUN, "--metrics", "fd", "--json", "--weights", "trained"]);
    let trained: Value = serde_json::from_slice(&trained.stdout).unwrap();
    assert_ne!(trained["scores"]["fd"]["value"], scores["fd"]["value"]);
}

#[test]
fn labels_make_a_classifier_that_is_kept() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    images_by_class(&at("photos"), 60);
    let against = ["photos/dark", "--against", "photos", "--metrics", "modes", "--json"];
    let measured = |arguments: &[&str]| -> Value {
        let output = measure(folder.path(), arguments);
        expect(&output, 0);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let first = measured(&against);
    assert_eq!(first["images_by_class"], serde_json::json!({"bright": 0, "dark": 24}));
    assert_eq!(first["scores"]["modes"], serde_json::json!({"value": 1.0, "floor": 2.0}));
    assert_eq!(first["features"]["trained"]["tested_on"], "held out");
    let kept = names(&at("cache/classifiers"));
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(measured(&against)["scores"], first["scores"]);

    let arguments = ["classifier", "--data", "photos", "--epochs", "3", "--device", "cpu"];
    let said = expect(&run(folder.path(), &[&arguments[..], &["--out", "own.st"]].concat()), 0);
    assert!(
        said.contains("of bright, dark") && said.contains("100.00 % right, 12 of 12"),
        "{said}"
    );
    let own = measured(&[&against[..], &["--classifier", "own.st"]].concat());
    assert_eq!(own["features"]["network"], "own.st");
    // Images of one class lie behind those of the other, and both are looked at.
    let all = measured(&["photos", "--against", "photos", "--metrics", "modes", "--json"]);
    let by_class = all["images_by_class"].as_object().unwrap();
    assert!(by_class.values().all(|count| count.as_u64() > Some(4)), "{by_class:?}");

    images_by_class(&at("others"), 12);
    fs::rename(at("others/bright"), at("others/light")).unwrap();
    let test = [&arguments[..], &["--test", "others", "--out", "other.st"]].concat();
    let said = expect(&run(folder.path(), &test), 2);
    assert!(said.contains("--data has the classes bright, dark, but --test has dark, light"));
    assert!(!at("other.st").exists());
    let random = measured(&[
        "photos/dark",
        "--against",
        "photos",
        "--metrics",
        "fd",
        "--json",
        "--classifier",
        "random",
    ]);
    assert_eq!(random["features"]["compares"], "runs only");
    assert_eq!(random["scores"].as_object().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_measured_is_refused_with_what_would_do() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    images_by_class(&at("photos"), 3);
    fs::write(at("no.safetensors"), "nothing").unwrap();
    for (arguments, code, parts) in [
        (vec!["photos"], 2, ["photos holds images", "--against names"]),
        (vec!["photos", "--against", "photos"], 3, ["6 images are too few", "12 are the least"]),
        (
            vec!["photos", "--against", "digits", "--classifier", "no.safetensors"],
            3,
            ["no.safetensors", "not a whole safetensors file"],
        ),
        (vec!["nothing"], 3, ["nothing", "nothing is there"]),
        (vec!["photos", "--against", "digits", "--metrics", "fid"], 2, ["fid", "prdc"]),
        (
            vec!["photos", "--against", "digits", "--metrics", "none"],
            2,
            ["nothing is asked for", "--metrics fd,kid"],
        ),
        (
            vec!["photos", "--against", "digits", "--metrics", "modes", "--classifier", "random"],
            2,
            ["modes are counted in classes", "ganvas classifier"],
        ),
    ] {
        let said = expect(&measure(folder.path(), &arguments), code);
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    let said = expect(&train(folder.path(), &["--metrics-images", "24"]), 2);
    assert!(said.contains("name scores, such as --metrics fd"), "{said}");
    let arguments = ["classifier", "--data", "photos/dark", "--out", "no.st", "--device", "cpu"];
    let said = expect(&run(folder.path(), &arguments), 2);
    assert!(said.contains("has no labels: sort its images into folders"), "{said}");
    let of_digits =
        ["photos", "--against", "photos", "--classifier", "digits", "--metrics", "modes"];
    let said = expect(&measure(folder.path(), &of_digits), 2);
    assert!(said.contains("is for images 1x28x28") && said.contains("random"), "{said}");
}

#[test]
fn a_run_measures_its_snapshots_and_goes_on_measuring() {
    let folder = TempDir::new().unwrap();
    let run_folder = folder.path().join(RUN);
    let lines = || -> Vec<Value> {
        let text = fs::read_to_string(run_folder.join("metrics.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let steps =
        || -> Vec<u64> { lines().iter().map(|line| line["step"].as_u64().unwrap()).collect() };
    let scores = ["--metrics", "fd,modes", "--metrics-images", "24"];
    let length = ["--kimg", "0.008", "--snap", "0.004"];
    let said = expect(&train(folder.path(), &[&scores[..], &length].concat()), 0);
    assert!(said.contains("Scores: of 24 pictures, by 84 of the bundled classifier"), "{said}");
    assert!(said.contains("fd ") && said.contains("(floor "), "{said}");
    assert_eq!(steps(), [2, 4]);
    assert_eq!(options(&run_folder)["scores"]["metrics"], "fd,modes");
    // The same as is measured afterwards, of the same pictures.
    let afterwards = measure(folder.path(), &[RUN, "--metrics", "fd,modes", "--json"]);
    let afterwards: Value = serde_json::from_slice(&afterwards.stdout).unwrap();
    assert_eq!(lines()[1]["metrics"], afterwards["scores"]);

    // As if it was killed between the line and the checkpoint.
    let before = fs::read(run_folder.join("metrics.jsonl")).unwrap();
    fs::remove_file(run_folder.join("checkpoints/00000004.safetensors")).unwrap();
    expect(&run(folder.path(), &["train", "--resume", "latest"]), 0);
    assert_eq!(fs::read(run_folder.join("metrics.jsonl")).unwrap(), before);
    let longer = ["train", "--resume", "latest", "--kimg", "0.012", "--metrics", "none"];
    expect(&run(folder.path(), &longer), 0);
    assert_eq!(steps(), [2, 4], "nothing more is measured");

    expect(&run(folder.path(), &["report", RUN]), 0);
    let page = fs::read_to_string(run_folder.join("report.html")).unwrap();
    assert!(page.contains("<h2>Metrics</h2>") && page.contains("floor"), "{}", page.len());
}
