//! `ganvas doctor` says of this machine's adapter that it holds, and of a planted fault that it does
//! not.

use crate::{expect, ganvas, run};
use std::{env, fs, path::Path};

/// Whether this machine may have no adapter, which is said by hand.
pub(crate) fn no_adapter() -> bool {
    env::var("ALLOW_NO_GPU").as_deref() == Ok("1")
}

fn doctor(folder: &Path, arguments: &[&str], code: i32) -> String {
    expect(&run(folder, &[&["doctor"], arguments].concat()), code)
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn what_holds_is_said_to_hold() {
    if no_adapter() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let said = doctor(folder.path(), &["--only", "tanh", "--json", "new/report.json"], 0);
    assert!(said.contains("All held on") && said.contains("(quick"), "{said}");
    let report = json(&folder.path().join("new/report.json"));
    assert_eq!((&report["held"], &report["failed"]), (&true.into(), &0.into()));
    assert!(report["cases"].as_u64().unwrap() > 10 && report["only"] == "tanh", "{report}");
    assert!(report["ops"]["tanh"]["quads"]["worst"].as_f64().unwrap() > 0.0, "{report}");
    let said = doctor(folder.path(), &["--only", "traps"], 0);
    assert!(said.contains("No harmful trap on"), "{said}");
}

#[test]
fn a_planted_fault_is_found_named_and_seen_again() {
    if no_adapter() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let plant = ["--plant", "bias:subtracted", "--json", "report.json"];
    let said = doctor(folder.path(), &plant, 6);
    assert!(said.contains("Planted: bias:subtracted"), "{said}");
    // The training step has its bias in the products, so nothing else is wrong.
    assert!(said.contains("cases failed: bias."), "{said}");
    let report = json(&folder.path().join("report.json"));
    assert_eq!((&report["held"], &report["planted"]), (&false.into(), &"bias:subtracted".into()));
    let failures = report["failures"].as_array().unwrap();
    assert!(!failures.is_empty() && failures.iter().all(|failure| failure["op"] == "bias"));
    let (_, again) = said.split_once("see again: ganvas ").unwrap();
    let again: Vec<&str> = again.lines().next().unwrap().split(' ').collect();
    let said = expect(&run(folder.path(), &again), 6);
    assert!(said.contains("WRONG: bias of"), "{said}");
    // Without the fault the same case holds.
    let healthy: Vec<&str> = again[..again.len() - 2].to_vec();
    expect(&run(folder.path(), &healthy), 0);
}

#[test]
fn what_cannot_be_checked_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str], code| doctor(folder.path(), arguments, code);
    let said = refused(&["--only", "relu"], 2);
    assert!(said.contains("there are fill, copy"), "{said}");
    let said = refused(&["--only", "conv2d/small/99999"], 2);
    assert!(said.contains("there are cases 0 to"), "{said}");
    assert!(refused(&["--only", "step/dcgan28/1"], 2).contains("there is 4"));
    assert!(refused(&["--plant", "tanh:nothing"], 2).contains("--plant list"));
    assert!(refused(&["--device", "cpu"], 2).contains("what adapters are compared with"));
    let said = refused(&["--json", "."], 3);
    assert!(said.contains("--json needs a file such as report.json"), "{said}");
    assert!(doctor(folder.path(), &["--plant", "list"], 0).contains("conv2d:dropped-tap"));
    if !no_adapter() {
        let said = refused(&["--only", "add", "--plant", "tanh:coarse"], 2);
        assert!(said.contains("nothing that is checked here runs"), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_adapter_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = ganvas(folder.path());
    command.arg("doctor");
    for variable in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        command.env(variable, folder.path().join("none.json"));
    }
    let said = expect(&command.output().unwrap(), 5);
    assert!(said.contains("no GPU adapter found") && said.contains("install"), "{said}");
}
