//! Which run is meant.

use super::{CHECKPOINTS, OPTIONS, RunDirectory};
use crate::exit::InputError;
use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

/// What stands for the newest run that has a checkpoint, unless something has this name.
const LATEST: &str = "latest";

impl RunDirectory {
    /// Whether a path is no file or folder but the newest run.
    pub(crate) fn is_latest(asked: &Path) -> bool {
        asked == Path::new(LATEST) && !asked.exists()
    }

    /// The run in a folder; `latest` is the newest in `outdir` that has a checkpoint.
    pub(crate) fn open(asked: &Path, outdir: &Path) -> Result<Self, InputError> {
        if !Self::is_latest(asked) {
            return Self { path: asked.to_owned() }.checked();
        }
        let found = match runs(outdir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            found => found.map_err(|error| InputError::new(outdir, error.to_string()))?,
        };
        let found = found.into_iter().rev().map(|(_, path)| Self { path });
        // One that was killed before its first checkpoint has nothing to go on from.
        let newest = found.into_iter().find(|run| run.newest_checkpoint().is_ok());
        let none = || {
            let problem = "holds no run with a checkpoint; `ganvas train` makes one";
            InputError::new(outdir, problem)
        };
        newest.ok_or_else(none)?.checked()
    }

    /// The run that a checkpoint lies in, as `RUN/checkpoints/NNNNNNNN.safetensors`.
    pub(crate) fn of_checkpoint(checkpoint: &Path) -> Result<Self, InputError> {
        let folder = |file: &Path| {
            let checkpoints = file.parent()?;
            let run = checkpoints.parent().filter(|run| !run.as_os_str().is_empty())?;
            (checkpoints.file_name() == Some(OsStr::new(CHECKPOINTS))).then(|| run.to_owned())
        };
        let path = folder(checkpoint).or_else(|| folder(&checkpoint.canonicalize().ok()?));
        let nowhere =
            || InputError::new(checkpoint, format!("lies in no run's {CHECKPOINTS} folder"));
        Self { path: path.ok_or_else(nowhere)? }.checked()
    }

    fn checked(self) -> Result<Self, InputError> {
        if self.path.join(OPTIONS).is_file() {
            return Ok(self);
        }
        let problem = if self.path.is_file() {
            match Self::of_checkpoint(&self.path) {
                Ok(run) => format!("it is a file of {}", run.path.display()),
                Err(_) => "it is a file".to_owned(),
            }
        } else if self.path.is_dir() {
            let newest = runs(&self.path).ok().and_then(|mut runs| runs.pop());
            match newest {
                Some((_, run)) => format!("it holds runs, such as {}", run.display()),
                None => format!("it has no {OPTIONS}"),
            }
        } else {
            "nothing is there".to_owned()
        };
        Err(InputError::new(&self.path, format!("is not the folder of a run: {problem}")))
    }
}

/// The runs in a folder with their numbers, in order.
pub(super) fn runs(outdir: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let mut runs = Vec::new();
    for entry in fs::read_dir(outdir)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let number = name.as_deref().and_then(|name| name.split_once('-')?.0.parse().ok());
        if let Some(number) = number.filter(|_| path.is_dir()) {
            runs.push((number, path));
        }
    }
    runs.sort();
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn the_latest_run_is_the_newest_with_a_checkpoint() {
        let outdir = TempDir::new().unwrap();
        let latest = || RunDirectory::open(Path::new(LATEST), outdir.path());
        let error = latest().unwrap_err().to_string();
        assert!(error.contains("`ganvas train` makes one"), "{error}");
        for _ in 0..3 {
            let run = RunDirectory::create(outdir.path(), "a").unwrap();
            fs::write(run.path().join(OPTIONS), "{}").unwrap();
        }
        let second = RunDirectory::open(&outdir.path().join("00001-a"), outdir.path()).unwrap();
        let checkpoint = second.write_checkpoint(5, b"").unwrap();
        assert_eq!(latest().unwrap().path(), second.path());
        assert_eq!(RunDirectory::of_checkpoint(&checkpoint).unwrap().path(), second.path());

        let refused =
            |path: &Path| RunDirectory::open(path, outdir.path()).unwrap_err().to_string();
        let error = refused(&checkpoint);
        assert!(error.ends_with(&format!("a file of {}", second.path().display())), "{error}");
        let error = refused(outdir.path());
        assert!(error.ends_with("00002-a") && error.contains("it holds runs"), "{error}");
        let error = refused(&outdir.path().join("none"));
        assert!(error.ends_with("nothing is there"), "{error}");
        let elsewhere = second.path().join("a.safetensors");
        fs::write(&elsewhere, "").unwrap();
        let error = RunDirectory::of_checkpoint(&elsewhere).unwrap_err().to_string();
        assert!(error.contains("lies in no run's checkpoints folder"), "{error}");
    }
}
