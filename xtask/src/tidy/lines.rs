//! What a file may contain.

use super::{Violation, source::SourceFile};

/// The only file with `unsafe` code: it hands shaders to wgpu without injected checks.
const AUDITED: &str = "crates/tensor-ops/src/pipeline.rs";

/// Lines that a file of each kind may have.
const LONGEST: [(&str, usize); 2] = [(".rs", 400), (".wgsl", 200)];

/// Words that mark unfinished work, in comments too.
const UNFINISHED: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Macros that belong to work in progress.
const MACROS: [&str; 3] = ["todo!", "dbg!", "unimplemented!"];

/// Attributes that silence a lint.
const SILENCING: [&str; 2] = ["allow(", "expect("];

/// Holds every rule against one file.
pub(crate) fn check(file: &SourceFile) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut at = |line, advice: String| {
        violations.push(Violation { path: file.path.clone(), line, advice });
    };
    let length = file.text.lines().count();
    for (extension, longest) in LONGEST {
        if file.path.ends_with(extension) && length > longest {
            at(None, format!("{length} lines, more than {longest}: divide it"));
        }
    }
    if file.path.ends_with(".wgsl") && !file.text.starts_with("//") {
        at(None, "begin it with comments: formula, shapes, workgroup, order of summation".into());
    }
    for (index, (text, code)) in file.text.lines().zip(file.code.lines()).enumerate() {
        let line = Some(index + 1);
        for word in UNFINISHED.into_iter().filter(|word| has_word(text, word)) {
            at(line, format!("`{word}`: finish it, or file an issue"));
        }
        for name in MACROS.into_iter().filter(|name| has_word(code, name)) {
            at(line, format!("`{name}`: finish it or remove it"));
        }
        if file.path != AUDITED && has_word(code, "unsafe") {
            at(line, format!("`unsafe` is for {AUDITED} alone: find a safe way"));
        }
    }
    for line in silenced_without_reason(&file.code) {
        at(Some(line), "a lint is silenced without a reason: add `reason = \"...\"`".into());
    }
    violations
}

/// Whether `word` occurs in `text` with no letter, digit or underscore before or after it.
fn has_word(text: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.chars().next_back().is_some_and(in_word)
            && (word.ends_with('!') || !after.chars().next().is_some_and(in_word))
    })
}

/// The lines, from 1, of attributes that silence a lint and give no reason.
fn silenced_without_reason(code: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    for (start, _) in code.match_indices("#[").chain(code.match_indices("#![")) {
        let attribute = balanced(&code[start..], '[', ']');
        for (at, _) in SILENCING.iter().flat_map(|name| attribute.match_indices(name)) {
            let is_name = attribute[..at].ends_with(['[', ' ', ',', '(']);
            let arguments = balanced(&attribute[at..], '(', ')');
            if is_name && !has_word(arguments, "reason") {
                lines.push(code[..start].matches('\n').count() + 1);
            }
        }
    }
    lines
}

/// The text up to the bracket that closes its first one, or all of it.
fn balanced(text: &str, open: char, close: char) -> &str {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return &text[..at];
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::Tree;
    use std::fs;

    /// The lines at which a file with this text breaks a rule.
    fn lines(path: &str, text: &str) -> Vec<Option<usize>> {
        let root = tempfile::tempdir().unwrap();
        let full = root.path().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, text).unwrap();
        let tree = Tree::read(root.path()).unwrap();
        assert_eq!(tree.files.len(), 1);
        check(&tree.files[0]).into_iter().map(|violation| violation.line).collect()
    }

    const MODULE: &str = "crates/graph/src/op.rs";
    const SHADER: &str = "shaders/add.wgsl";

    #[test]
    fn length_is_limited() {
        assert_eq!(lines(MODULE, &"\n".repeat(400)), []);
        assert_eq!(lines(MODULE, &"\n".repeat(401)), [None]);
        assert_eq!(lines(SHADER, &"// y = a + b\n".repeat(200)), []);
        assert_eq!(lines(SHADER, &"// y = a + b\n".repeat(201)), [None]);
    }

    #[test]
    fn a_shader_begins_with_comments() {
        assert_eq!(lines(SHADER, "@compute fn main() {}\n"), [None]);
    }

    #[test]
    fn unfinished_work_is_found() {
        for word in UNFINISHED {
            assert_eq!(lines(MODULE, &format!("\n// {word}: later\n")), [Some(2)]);
            assert_eq!(lines(SHADER, &format!("// y\n// {word}\n")), [Some(2)]);
        }
        for name in MACROS {
            assert_eq!(lines(MODULE, &format!("fn f() {{\n    {name}(x)\n}}")), [Some(2)]);
            assert_eq!(lines(MODULE, &format!("// {name} is not allowed\n")), []);
        }
    }

    #[test]
    fn unsafe_code_is_for_one_file() {
        let block = "fn f() {\n    unsafe { g() }\n}\n";
        assert_eq!(lines(MODULE, block), [Some(2)]);
        assert_eq!(lines(AUDITED, block), []);
        assert_eq!(lines(MODULE, "// unsafe\nconst A: &str = \"unsafe\";\n"), []);
        assert_eq!(lines(MODULE, "#![forbid(unsafe_code)]\n"), []);
    }

    #[test]
    fn silenced_lints_have_reasons() {
        for attribute in [
            "#[allow(dead_code)]",
            "#![expect(missing_docs)]",
            "#[expect(\n    clippy::a,\n    clippy::b,\n)]",
            "#[cfg_attr(test, allow(dead_code))]",
        ] {
            assert_eq!(lines(MODULE, &format!("\n{attribute}\nfn f() {{}}\n")), [Some(2)]);
            let reasoned = attribute.replacen(")", ", reason = \"a (good) one\")", 1);
            assert_eq!(lines(MODULE, &format!("\n{reasoned}\nfn f() {{}}\n")), []);
        }
        assert_eq!(lines(MODULE, "#[test]\nfn f() { x.expect(\"a reason\"); }\n"), []);
    }
}
