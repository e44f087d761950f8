//! `ganvas bench` measures this machine's adapter and leaves files that it reads again.

use crate::{doctor::no_adapter, expect, run};
use std::fs;

#[test]
fn every_product_is_measured_against_the_ceilings() {
    if no_adapter() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["bench", "--quick", "--batch", "2", "--json", "new/a.json", "--plot", "a.svg"];
    let said = expect(&run(folder.path(), &arguments), 0);
    assert!(said.contains("f32 arithmetic") && said.contains("dcgan28-small, batch 2"), "{said}");
    let long = |line: &&str| !line.starts_with("Limits") && line.chars().count() > 100;
    assert_eq!(said.lines().find(long), None, "columns of a terminal");
    let report = fs::read(folder.path().join("new/a.json")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["format"], 1);
    assert!(report["ceilings"]["arithmetic"]["gflops"].as_f64().unwrap() > 0.0, "{report}");
    let kernels = report["kernels"].as_array().unwrap();
    for op in ["dense", "conv2d", "conv_transpose2d", "conv2d_grad_weight", "dense_grad_weight"] {
        assert!(kernels.iter().any(|kernel| kernel["op"] == op), "{op}");
    }
    for kernel in kernels {
        let number = |field: &str| kernel[field].as_f64().unwrap();
        assert!(number("seconds") > 0.0 && number("roofline_share") > 0.0, "{kernel}");
        assert_eq!(kernel["samples"].as_array().unwrap().len(), 5, "{kernel}");
        assert!(!kernel["variants"].as_array().unwrap().is_empty(), "{kernel}");
    }
    let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("conv_transpose2d"), "{svg}");
}

#[test]
fn what_cannot_be_measured_or_compared_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str], code| {
        expect(&run(folder.path(), &[&["bench"], arguments].concat()), code)
    };
    assert!(refused(&["--device", "cpu"], 2).contains("name an adapter"));
    assert!(refused(&["--json", "."], 3).contains("--json needs a file such as bench.json"));
    assert!(refused(&["--compare", "none.json"], 3).contains("none.json"));
    fs::write(folder.path().join("other.json"), "{}").unwrap();
    let said = refused(&["--compare", "other.json"], 3);
    assert!(said.contains("no file of `ganvas bench --json`"), "{said}");
}
