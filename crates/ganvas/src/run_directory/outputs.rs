//! Files that were asked for by name.

use super::not_written;
use crate::exit::InputError;
use gan::files::write_atomic;
use std::{
    ffi::OsStr,
    fs::{self, OpenOptions},
    io::Write,
    path::{self, Path, PathBuf},
};

/// More than any file system follows.
const MOST_LINKS: usize = 64;

/// An error unless files can be made in `outdir`, which is made if it is missing.
pub(crate) fn probe(outdir: &Path) -> Result<(), InputError> {
    let file = outdir.join(format!(".ganvas-{}", std::process::id()));
    fs::create_dir_all(outdir)
        .and_then(|()| OpenOptions::new().write(true).create_new(true).open(&file))
        .and_then(|_| fs::remove_file(&file))
        .map_err(|error| InputError::new(outdir, format!("cannot be written to: {error}")))
}

/// Refuses a file that cannot be written, before anything is computed for it, and leaves no trace.
/// `option` named it; `example` is a name that would do.
pub(crate) fn check_out(path: &Path, option: &str, example: &str) -> Result<(), InputError> {
    let ends_with =
        |name: &OsStr| path.as_os_str().as_encoded_bytes().ends_with(name.as_encoded_bytes());
    // Behind the name of a folder that is not there a separator may follow.
    if path.is_dir() || !path.file_name().is_some_and(ends_with) {
        let problem = format!("names a folder; {option} needs a file such as {example}");
        return Err(InputError::new(path, problem));
    }
    if is_special(path) {
        return Ok(());
    }
    let file = followed(path);
    // Folders that are missing are made with the file.
    let folder = file.ancestors().skip(1).find(|folder| folder.exists());
    probe(folder.unwrap_or(Path::new(".")))
}

/// Refuses to write two files to one place, or over one that is read. Outputs are options with what
/// they name.
pub(crate) fn check_apart(outputs: &[(&str, &Path)], inputs: &[&Path]) -> Result<(), InputError> {
    let files = outputs.iter().filter(|(_, path)| !is_special(path));
    let mut taken: Vec<(&str, PathBuf)> = Vec::new();
    for &(option, path) in files {
        let place = place(path);
        if inputs.iter().any(|input| self::place(input) == place) {
            let problem = format!("is read for what is to be written; {option} needs another file");
            return Err(InputError::new(path, problem));
        }
        if let Some((other, _)) = taken.iter().find(|(_, taken)| *taken == place) {
            let problem =
                format!("is named by {other} and by {option}; each needs a file of its own");
            return Err(InputError::new(path, problem));
        }
        taken.push((option, place));
    }
    Ok(())
}

/// Writes a file, whole or not at all, in a folder that is made if it is missing. Links are followed,
/// and what is no regular file, as a pipe, takes the bytes as they come.
pub(crate) fn write_out(path: &Path, bytes: &[u8]) -> Result<(), InputError> {
    let written = if is_special(path) {
        OpenOptions::new().write(true).open(path).and_then(|mut file| file.write_all(bytes))
    } else {
        let file = followed(path);
        file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| write_atomic(&file, bytes))
    };
    written.map_err(|error| not_written(path, &error))
}

/// Whether something is there that is neither a regular file nor a folder.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Where links lead, also to what is not there.
fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

/// The one name of a file, there or not.
fn place(path: &Path) -> PathBuf {
    let path = followed(path);
    let path = path::absolute(&path).unwrap_or(path);
    let real = path.ancestors().find_map(|ancestor| {
        let rest = path.strip_prefix(ancestor).ok()?;
        Some(ancestor.canonicalize().ok()?.join(rest))
    });
    real.unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn what_is_only_checked_leaves_no_folder() {
        let folder = TempDir::new().unwrap();
        let out = folder.path().join("new/sub/a.png");
        check_out(&out, "--out", "a.png").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        write_out(&out, b"png").unwrap();
        assert_eq!(fs::read(&out).unwrap(), b"png");
        let below_a_file = out.join("b.png");
        let error = check_out(&below_a_file, "--out", "a.png").unwrap_err();
        assert!(error.to_string().contains("cannot be written to"), "{error}");
        let error = write_out(&below_a_file, b"png").unwrap_err();
        assert!(error.to_string().contains("cannot be written: "), "{error}");
    }

    #[test]
    fn files_are_told_apart_whatever_they_are_called() {
        let folder = TempDir::new().unwrap();
        let [read, dotted, new] = ["a", "./new/../a", "new/b"].map(|name| folder.path().join(name));
        fs::create_dir(folder.path().join("new")).unwrap();
        fs::write(&read, "old").unwrap();
        let apart = |outputs: &[(&str, &Path)]| check_apart(outputs, &[&read]);
        apart(&[("--out", &new), ("--gif", &folder.path().join("c"))]).unwrap();
        let error = apart(&[("--out", &new), ("--samples", &dotted)]).unwrap_err().to_string();
        assert!(error.ends_with("--samples needs another file"), "{error}");
        let same = folder.path().join("new/./b");
        let error = apart(&[("--out", &new), ("--gif", &same)]).unwrap_err().to_string();
        assert!(error.contains("named by --out and by --gif"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_pipes_written_to() {
        use std::{os::unix::fs::symlink, process::Command, thread};
        let folder = TempDir::new().unwrap();
        let [file, link, dangling, pipe] =
            ["file", "link", "dangling", "pipe"].map(|name| folder.path().join(name));
        fs::write(&file, "old").unwrap();
        symlink("file", &link).unwrap();
        symlink("new/target", &dangling).unwrap();
        for path in [&link, &dangling] {
            check_out(path, "--out", "a").unwrap();
            write_out(path, b"new").unwrap();
            assert!(fs::symlink_metadata(path).unwrap().is_symlink(), "{}", path.display());
            assert_eq!(fs::read(path).unwrap(), b"new");
        }
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(check_apart(&[("--out", &link), ("--gif", &file)], &[]).is_err());

        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        check_out(&pipe, "--out", "a").unwrap();
        write_out(&pipe, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(!fs::metadata(&pipe).unwrap().is_file());
    }
}
