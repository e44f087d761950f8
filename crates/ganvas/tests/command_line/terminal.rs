//! What a terminal shows, at several widths, and what a program gets that reads the output.

mod pseudo_terminal;

use super::{SMALL, expect, ganvas, names, run, train};
use pseudo_terminal::{Seen, on_terminal};
use serde_json::Value;
use std::{fs, path::Path, process::Output};
use tempfile::TempDir;

const RUN: &str = "runs/00000-digits-dcgan28-small";

fn trained() -> TempDir {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.004"]), 0);
    folder
}

fn stdout(output: &Output) -> String {
    expect(output, 0);
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&stdout(output)).unwrap()
}

fn train_on_terminal(folder: &Path, columns: u16, more: &[&str]) -> Seen {
    let arguments = [&["train"], SMALL.as_slice(), more].concat();
    on_terminal(ganvas(folder).args(arguments), columns)
}

#[test]
fn the_display_fits_terminals_of_any_width() {
    for columns in [40, 60, 80, 200] {
        let folder = TempDir::new().unwrap();
        let arguments = ["--kimg", "0.012", "--snap", "0.004"];
        let seen = train_on_terminal(folder.path(), columns, &arguments);
        let lines: Vec<&str> = seen.screen.lines().map(str::trim_end).collect();
        let bars: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].contains('━')).collect();
        let [bar] = bars[..] else { panic!("one bar at {columns}: {}", seen.screen) };
        assert!(lines[bar].ends_with("100 %"), "{columns}: {}", seen.screen);
        assert!(lines[bar].chars().count() <= usize::from(columns), "{columns}: {}", lines[bar]);
        let numbers = lines[bar + 1..].join("  ");
        for part in ["0.012/0.012 kimg", "images/s", "loss_d", "D(G(z))"] {
            assert!(numbers.contains(part), "{part} at {columns}: {}", seen.screen);
        }
        let wrote = seen.text.matches("wrote ").count();
        assert_eq!(wrote, 3, "{columns}: {}", seen.screen);
    }
}

#[test]
fn a_log_has_lines_and_no_escapes() {
    let folder = TempDir::new().unwrap();
    let said = expect(&train(folder.path(), &["--kimg", "0.012", "--snap", "0.004"]), 0);
    assert!(!said.contains(['\x1b', '\r', '━']), "{said:?}");
    assert!(said.lines().any(|line| line.contains("kimg") && line.contains("loss_d")), "{said}");
    assert_eq!(said.matches("wrote ").count(), 3);
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let folder = TempDir::new().unwrap();
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = ganvas(folder.path());
        let seen = on_terminal(command.arg("--help").envs(variables.iter().copied()), 80);
        assert!(seen.text.contains("Commands:"), "{}", seen.text);
        seen.text.contains('\x1b')
    };
    assert!(coloured(&[]), "clap's headings");
    assert!(!coloured(&[("NO_COLOR", "1")]));
    assert!(!coloured(&[("TERM", "dumb")]));
    assert!(!stdout(&run(folder.path(), &["--help"])).contains('\x1b'));
    for command in ["train", "devices"] {
        let mut failing = ganvas(folder.path());
        failing.args([command, "--nonsense"]).env("NO_COLOR", "1");
        assert!(!on_terminal(&mut failing, 80).text.contains('\x1b'), "{command}");
    }
    let mut table = ganvas(folder.path());
    let table = on_terminal(table.args(["devices"]).env("NO_COLOR", "1"), 80).text;
    assert!(table.contains("CPU reference") && !table.contains('\x1b'), "{table:?}");
}

#[test]
fn a_preview_is_drawn_in_what_the_terminal_has() {
    let folder = trained();
    let drawn = |preview: &str, variables: &[(&str, &str)]| {
        let mut command = ganvas(folder.path());
        command.args(["sample", RUN, "--device", "cpu", "--out", "a.png", preview]);
        on_terminal(command.envs(variables.iter().copied()), 80)
    };
    let blocks = drawn("--preview", &[("COLORTERM", "truecolor")]);
    assert!(blocks.text.contains("\x1b[38;2;") && !blocks.text.contains("\x1b_G"));
    let width = |seen: &Seen| {
        let lines = seen.screen.lines().filter(|line| line.contains('▀'));
        lines.map(|line| line.trim_end().chars().count()).max()
    };
    assert_eq!(width(&blocks), Some(79), "{}", blocks.screen);
    assert!(drawn("--preview", &[]).text.contains("\x1b[38;5;"), "256 colours");
    let shades = drawn("--preview", &[("NO_COLOR", "1")]);
    assert!(!shades.text.contains('\x1b') && shades.screen.contains('='), "{}", shades.screen);
    let kitty = [("TERM", "xterm-kitty")];
    assert!(drawn("--preview", &kitty).text.contains("\x1b_Ga=T,f=100,q=2"));
    assert!(drawn("--preview=sixel", &kitty).text.contains("\x1bP"));
    assert!(drawn("--preview", &[("TERM_PROGRAM", "iTerm.app")]).text.contains("\x1b]1337;File="));

    let seen = train_on_terminal(folder.path(), 80, &["--kimg", "0.002", "--preview=shades"]);
    assert!(seen.text.contains("wrote ") && seen.text.contains("===="), "{}", seen.screen);
}

#[test]
fn a_preview_elsewhere_says_that_it_draws_nothing() {
    let folder = trained();
    let sample = ["sample", RUN, "--device", "cpu", "--out", "a.png", "--preview"];
    let said = stdout(&run(folder.path(), &sample));
    assert!(said.starts_with("Note:   --preview draws nothing here"), "{said}");
    assert!(!said.contains(['\x1b', '▀']) && said.lines().count() == 2, "{said}");
    let refused = [sample.as_slice(), &["--each", "b"]].concat();
    expect(&run(folder.path(), &refused), 2);
    expect(&run(folder.path(), &["sample", RUN, "--preview=paper"]), 2);
}

#[test]
fn quiet_commands_print_the_names_of_what_they_wrote() {
    let folder = trained();
    let said = |arguments: &[&str]| {
        let mut command = ganvas(folder.path());
        // Where it is not set, Vulkan's drivers complain on stderr.
        command.env("XDG_RUNTIME_DIR", folder.path());
        let output = command.args(arguments).arg("--quiet").output().unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        stdout(&output)
    };
    let small = [&["train"], SMALL.as_slice(), &["--kimg", "0.002"]].concat();
    assert_eq!(said(&small), "runs/00001-digits-dcgan28-small\n");
    let sample = ["sample", RUN, "--device", "cpu"];
    assert_eq!(said(&sample), "sample-00000.png\n");
    assert_eq!(said(&[sample.as_slice(), &["--seeds", "3", "--each", "b"]].concat()), "b\n");
    assert_eq!(said(&["export", RUN, "--out", "a.onnx"]), "a.onnx\n");
    assert_eq!(said(&["report", RUN, "--out", "a.html", "--gif", "a.gif"]), "a.html\na.gif\n");
    let trace = ["trace", "--device", "cpu", "--batch", "2", "--out", "a.safetensors"];
    assert_eq!(said(&trace), "a.safetensors\n");
    assert_eq!(said(&["man", "pages"]), "pages\n");
    fs::create_dir(folder.path().join("images")).unwrap();
    fs::copy(folder.path().join("sample-00000.png"), folder.path().join("images/a.png")).unwrap();
    assert_eq!(said(&["data", "convert", "images", "--out", "c"]), "c\n");
    assert!(said(&["devices"]).contains("CPU reference"), "a table is what is asked for");
    let failed = run(folder.path(), &["sample", "nothing", "--quiet"]);
    assert!(failed.stdout.is_empty());
    assert!(expect(&failed, 3).contains("nothing is there"));
}

#[test]
fn json_is_all_that_stdout_has() {
    let folder = trained();
    let said = |arguments: &[&str]| json(&run(folder.path(), &[arguments, &["--json"]].concat()));
    let sample = ["sample", RUN, "--device", "cpu", "--seeds", "3,5"];
    let grid = said(&[sample.as_slice(), &["--out", "a.png"]].concat());
    assert_eq!((&grid["files"], &grid["pictures"]), (&vec!["a.png"].into(), &2.into()));
    assert_eq!((&grid["step"], grid.get("nearest")), (&2.into(), None));
    let each = said(&[sample.as_slice(), &["--each", "b"]].concat());
    assert_eq!(each["files"], Value::from(vec!["b/00000003.png", "b/00000005.png"]));
    assert_eq!(names(&folder.path().join("b")).len(), 2);
    let near = said(&[sample.as_slice(), &["--out", "a.png", "--nearest=2"]].concat());
    let near = near["nearest"].as_array().unwrap();
    assert_eq!((near.len(), &near[1]["picture"]), (2, &"seed 5".into()));
    let images = near[1]["images"].as_array().unwrap();
    let distances: Vec<f64> = images.iter().map(|i| i["distance"].as_f64().unwrap()).collect();
    assert!(distances[0] > 0.0 && distances[0] <= distances[1], "{distances:?}");
    assert!(images.iter().all(|image| image["index"].as_u64().unwrap() < 10_000));

    let export = said(&["export", RUN, "--out", "a.onnx"]);
    assert_eq!((&export["file"], &export["format"]), (&"a.onnx".into(), &"onnx".into()));
    assert_eq!(export["opset"], 17);
    assert_eq!(export["input"]["shape"], serde_json::json!(["batch", 100]));
    assert_eq!(export["output"]["shape"], serde_json::json!(["batch", 1, 28, 28]));
    let report = said(&["report", RUN, "--out", "a.html"]);
    assert_eq!((&report["page"], &report["gif"]), (&"a.html".into(), &Value::Null));
    let trace = said(&["trace", "--device", "cpu", "--batch", "2", "--out", "a.safetensors"]);
    assert!(trace["tensors"].as_u64().unwrap() > 10, "{trace}");
    assert_eq!(said(&["data", "inspect", "digits"])["images"], 10_000);
    assert!(said(&["devices"]).as_array().is_some_and(|devices| !devices.is_empty()));
}

#[test]
fn training_tells_a_program_what_happens() {
    let folder = TempDir::new().unwrap();
    let output = train(folder.path(), &["--kimg", "0.006", "--snap", "0.004", "--json"]);
    let lines: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| -> Vec<&Value> {
        lines.iter().filter(|line| line["event"] == event).collect()
    };
    assert_eq!((&lines[0]["event"], &lines[0]["run"]), (&"run".into(), &RUN.into()));
    assert_eq!((&lines[0]["step"], &lines[0]["steps"]), (&0.into(), &3.into()));
    assert!(of("tick").last().unwrap()["loss_d"].as_f64().is_some());
    let snapshots = of("snapshot");
    assert_eq!(snapshots.len(), 2);
    for snapshot in snapshots {
        for file in ["picture", "checkpoint"] {
            assert!(folder.path().join(snapshot[file].as_str().unwrap()).is_file(), "{snapshot}");
        }
    }
    let done = lines.last().unwrap();
    assert_eq!((&done["event"], &done["run"]), (&"done".into(), &RUN.into()));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("Device:") && words.contains("Next:"), "{words}");
    assert!(words.lines().any(|line| line.contains("kimg") && line.contains("loss_d")), "{words}");

    let again = run(folder.path(), &["train", "--resume", RUN, "--kimg", "0.006", "--json"]);
    assert_eq!(json(&again)["event"], "done");
    let dry = train(folder.path(), &["--dry-run", "--json"]);
    assert_eq!(json(&dry)["options"]["batch"], 2);
}
