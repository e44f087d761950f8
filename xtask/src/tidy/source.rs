//! The files that rules are held against.

use anyhow::{Context, Result};
use std::{fs, path::Path};

/// The folders of source; build output and runs lie beside them.
const FOLDERS: [&str; 5] = ["crates", "shaders", "benches", "tests", "xtask"];

/// The source files of a repository.
pub(crate) struct Tree {
    pub(crate) files: Vec<SourceFile>,
}

/// One file.
pub(crate) struct SourceFile {
    /// From the root, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text with comments and literals blanked, line for line.
    pub(crate) code: String,
}

impl Tree {
    /// Reads every Rust and WGSL file, in order of their paths.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for folder in FOLDERS {
            if root.join(folder).is_dir() {
                read_folder(root, folder, &mut files)?;
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// The names, without extension, of a folder's own files.
    pub(crate) fn stems(&self, folder: &str, extension: &str) -> Vec<&str> {
        let names = self.files.iter().filter_map(|file| {
            let (parent, name) = file.path.rsplit_once('/')?;
            (parent == folder).then_some(name)
        });
        names
            .filter_map(|name| name.rsplit_once('.'))
            .filter(|(_, found)| *found == extension)
            .map(|(stem, _)| stem)
            .collect()
    }
}

fn read_folder(root: &Path, folder: &str, files: &mut Vec<SourceFile>) -> Result<()> {
    let listed = root.join(folder);
    let entries =
        fs::read_dir(&listed).with_context(|| format!("cannot list {}", listed.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if entry.file_type()?.is_dir() {
            if name != "target" {
                read_folder(root, &path, files)?;
            }
        } else if name.ends_with(".rs") || name.ends_with(".wgsl") {
            let text =
                fs::read_to_string(entry.path()).with_context(|| format!("cannot read {path}"))?;
            let code = blank(&text);
            files.push(SourceFile { path, text, code });
        }
    }
    Ok(())
}

/// Replaces comments and literals by spaces, but for line breaks. WGSL's comments are Rust's.
fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            'r' if !ends_in_word(&code) => raw_string(rest).unwrap_or(0),
            '\'' => character(rest).unwrap_or(0),
            _ => 0,
        };
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.extend(rest[..length].chars().map(|c| if c == '\n' { c } else { ' ' }));
            rest = &rest[length..];
        }
    }
    code
}

fn ends_in_word(code: &str) -> bool {
    // `br` begins a raw string too.
    let last = code.strip_suffix('b').unwrap_or(code).chars().next_back();
    last.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Bytes of the comment that begins here, those inside it included.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Bytes of the string literal that begins here.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Bytes of the raw string literal that begins here, if one does.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text[1..].bytes().take_while(|&byte| byte == b'#').count();
    let contents = text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = contents.find(&end).map_or(contents.len(), |at| at + end.len());
    Some(2 + hashes + length)
}

/// Bytes of the character literal that begins here; `None` for a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    match chars.next()? {
        (_, '\\') => {
            chars.next()?;
            chars.find(|&(_, c)| c == '\'').map(|(at, _)| at + 1)
        }
        _ => chars.next().filter(|&(_, c)| c == '\'').map(|(at, _)| at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::blank;

    #[test]
    fn blanks_comments_and_literals_only() {
        let cases = [
            ("a // b\nc", "a c"),
            ("a /* b /* c */ d */ e", "a e"),
            ("f(\"x \\\" // y\") + z", "f( ) + z"),
            ("r#\"a \" b\"# c", "c"),
            ("for \"a\" c", "for c"),
            ("'\"' x", "x"),
            ("'\\'' x", "x"),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
        ];
        for (text, words) in cases {
            let code = blank(text);
            assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), words, "{text}");
            assert_eq!(code.matches('\n').count(), text.matches('\n').count(), "{text}");
        }
    }
}
