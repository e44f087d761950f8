//! The table of promises names tests that there are.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The names of all functions marked as tests below a folder.
fn tests_below(folder: &Path, found: &mut Vec<String>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for after in text.split("#[test]").skip(1) {
                let name = after.split_once("fn ").and_then(|(_, rest)| rest.split_once('('));
                found.extend(name.map(|(name, _)| name.to_owned()));
            }
        }
    }
}

/// The names in backticks in the last column of each row, with the row's first column.
fn promised(page: &str) -> Vec<(String, Vec<String>)> {
    let table = page.lines().skip_while(|line| !line.starts_with("| promise"));
    let rows = table.skip(2).take_while(|line| line.starts_with("| "));
    rows.map(|row| {
        let columns: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let named = columns.last().copied().unwrap_or_default();
        let tests = named.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (columns[0].to_owned(), tests)
    })
    .collect()
}

#[test]
fn every_promise_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/reliability.md")).unwrap();
    let mut tests = Vec::new();
    for folder in ["crates", "tests/tests", "xtask/src"] {
        tests_below(&root.join(folder), &mut tests);
    }
    let promised = promised(&page);
    assert!(promised.len() >= 11, "{} promises", promised.len());
    for (promise, named) in promised {
        assert!(!named.is_empty(), "no test keeps `{promise}`");
        for test in named {
            assert!(tests.contains(&test), "`{promise}`: there is no test `{test}`");
        }
    }
}
