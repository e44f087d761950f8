//! Rules of this repository that neither rustfmt nor clippy knows.

mod lines;
mod names;
mod source;

use anyhow::{Result, bail};
use source::Tree;
use std::{fmt, path::Path};

/// Something to put right.
#[derive(Debug, PartialEq)]
struct Violation {
    path: String,
    /// Counted from 1; `None` where it is about the whole file.
    line: Option<usize>,
    /// What is wrong, and what to do.
    advice: String,
}

impl Violation {
    fn of_file(path: &str, advice: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: None, advice: advice.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.advice),
            None => write!(f, "{}: {}", self.path, self.advice),
        }
    }
}

/// Holds every rule against the tree, and fails with all violations.
pub(crate) fn check(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let mut violations = names::check(&tree, graph::Op::KERNELS, &names::PLACES);
    violations.extend(tree.files.iter().flat_map(lines::check));
    if !violations.is_empty() {
        let list: Vec<String> = violations.iter().map(ToString::to_string).collect();
        bail!("{} violations of tidy rules:\n{}", list.len(), list.join("\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_repository_is_tidy() {
        if let Err(error) = super::check(crate::command::root()) {
            panic!("{error}");
        }
    }
}
