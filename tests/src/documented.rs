//! Pages of `docs/` that are made from the code.

use std::{env, fs, path::PathBuf};

/// The environment variable that, set to 1, has the pages written instead of compared.
const WRITE: &str = "GANVAS_WRITE_DOCS";

/// Holds that a page of `docs/` is what is made now, or writes it.
///
/// # Panics
/// If the page is out of date, or cannot be written.
pub fn documented(name: &str, page: &str) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "docs", name].iter().collect();
    if env::var(WRITE).as_deref() == Ok("1") {
        fs::write(&path, page).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        println!("wrote {}", path.display());
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    is_current(name, &found, page).unwrap_or_else(|error| panic!("{error}"));
}

/// Says at which line a page is out of date, and what to do.
fn is_current(name: &str, found: &str, expected: &str) -> Result<(), String> {
    // A checkout may have Windows's line ends.
    let (mut found, mut expected) = (found.lines(), expected.lines());
    for number in 1.. {
        match (found.next(), expected.next()) {
            (None, None) => break,
            (found, expected) if found != expected => {
                return Err(format!(
                    "docs/{name} is out of date at line {number}: run `cargo xtask docs`\n\
                     found:    {found:?}\nexpected: {expected:?}"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_current;

    #[test]
    fn a_page_that_differs_is_out_of_date() {
        assert!(is_current("a.md", "one\r\ntwo\r\n", "one\ntwo\n").is_ok());
        for found in ["", "one\n", "one\ntwo\nthree\n", "one\n2\n"] {
            let error = is_current("a.md", found, "one\ntwo\n").unwrap_err();
            assert!(error.contains("docs/a.md") && error.contains("cargo xtask docs"), "{error}");
        }
    }
}
