//! A run's folder: numbered, never used twice, every file whole or not there.

use crate::{exit::InputError, record::Record};
use anyhow::Context;
use gan::{files::write_atomic, variants::ChosenVariants};
use std::{
    ffi::OsStr,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

const CHECKPOINTS: &str = "checkpoints";
const OPTIONS: &str = "options.json";
const STATS: &str = "stats.jsonl";
const VARIANTS: &str = "tuning.json";
/// Far more than any network's checkpoint, so that a wrong file is not read whole.
const LARGEST_CHECKPOINT: u64 = 8 << 30;
const LARGEST_OPTIONS: u64 = 1 << 20;

/// The folder of one run.
#[derive(Clone, Debug)]
pub(crate) struct RunDirectory {
    path: PathBuf,
}

/// An error unless files can be made in `outdir`, which is made if it is missing.
pub(crate) fn probe(outdir: &Path) -> Result<(), InputError> {
    let file = outdir.join(format!(".ganvas-{}", std::process::id()));
    fs::create_dir_all(outdir)
        .and_then(|()| OpenOptions::new().write(true).create_new(true).open(&file))
        .and_then(|_| fs::remove_file(&file))
        .map_err(|error| InputError::new(outdir, format!("cannot be written to: {error}")))
}

/// Refuses a file that cannot be written, before anything is computed for it. `option` named it;
/// `example` is a name that would do.
pub(crate) fn check_out(path: &Path, option: &str, example: &str) -> Result<(), InputError> {
    let ends_with =
        |name: &OsStr| path.as_os_str().as_encoded_bytes().ends_with(name.as_encoded_bytes());
    // Behind the name of a folder that is not there a separator may follow.
    if path.is_dir() || !path.file_name().is_some_and(ends_with) {
        let problem = format!("names a folder; {option} needs a file such as {example}");
        return Err(InputError::new(path, problem));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    probe(folder.unwrap_or(Path::new(".")))
}

impl RunDirectory {
    /// Makes `outdir/NNNNN-label` with the next number that is free.
    pub(crate) fn create(outdir: &Path, label: &str) -> anyhow::Result<Self> {
        let full =
            || InputError::new(outdir, format!("holds run {}, the last there can be", u32::MAX));
        let mut number = match runs(outdir)?.last() {
            Some((last, _)) => last.checked_add(1).ok_or_else(full)?,
            None => 0,
        };
        loop {
            let path = outdir.join(format!("{number:05}-{label}"));
            match fs::create_dir(&path) {
                Ok(()) => {
                    fs::create_dir(path.join(CHECKPOINTS))?;
                    return Ok(Self { path });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    number = number.checked_add(1).ok_or_else(full)?;
                }
                Err(error) => return Err(error).context(path.display().to_string()),
            }
        }
    }

    /// The run in a folder; `latest` is the newest in `outdir`.
    pub(crate) fn open(run: &Path, outdir: &Path) -> Result<Self, InputError> {
        let path = if run == Path::new("latest") {
            let found = runs(outdir).map_err(|error| InputError::new(outdir, error.to_string()))?;
            let (_, path) = found
                .last()
                .cloned()
                .ok_or_else(|| InputError::new(outdir, "holds no runs to go on with"))?;
            path
        } else {
            run.to_owned()
        };
        Self { path }.checked()
    }

    /// The run that a checkpoint lies in, as `RUN/checkpoints/NNNNNNNN.safetensors`.
    pub(crate) fn of_checkpoint(checkpoint: &Path) -> Result<Self, InputError> {
        let folder = |file: &Path| {
            let folder = file.parent()?.parent()?;
            (!folder.as_os_str().is_empty()).then(|| folder.to_owned())
        };
        let path = folder(checkpoint).or_else(|| folder(&checkpoint.canonicalize().ok()?));
        let nowhere =
            || InputError::new(checkpoint, format!("lies in no run's {CHECKPOINTS} folder"));
        Self { path: path.ok_or_else(nowhere)? }.checked()
    }

    fn checked(self) -> Result<Self, InputError> {
        if !self.path.join(OPTIONS).is_file() {
            let problem = format!("is not the folder of a run: it has no {OPTIONS}");
            return Err(InputError::new(&self.path, problem));
        }
        Ok(self)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The newest checkpoint.
    pub(crate) fn newest_checkpoint(&self) -> Result<PathBuf, InputError> {
        let folder = self.path.join(CHECKPOINTS);
        let entries =
            fs::read_dir(&folder).map_err(|error| InputError::new(&folder, error.to_string()))?;
        let checkpoints = entries.filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            let step: u64 = name.strip_suffix(".safetensors")?.parse().ok()?;
            Some((step, path))
        });
        let newest = checkpoints.max().map(|(_, path)| path);
        newest.ok_or_else(|| InputError::new(&folder, "holds no checkpoint"))
    }

    pub(crate) fn read_record(&self) -> Result<Record, InputError> {
        let path = self.path.join(OPTIONS);
        Record::parse(&path, &read_file(&path, LARGEST_OPTIONS)?)
    }

    pub(crate) fn write_record(&self, record: &Record) -> anyhow::Result<()> {
        self.write(OPTIONS, &record.to_json()?).map(|_| ())
    }

    /// Writes the variants of kernels that the run goes on in.
    pub(crate) fn write_variants(&self, variants: &ChosenVariants) -> anyhow::Result<()> {
        let mut bytes = serde_json::to_vec_pretty(variants)?;
        bytes.push(b'\n');
        self.write(VARIANTS, &bytes).map(|_| ())
    }

    /// Writes `checkpoints/NNNNNNNN.safetensors`.
    pub(crate) fn write_checkpoint(&self, step: u64, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        self.write(&format!("{CHECKPOINTS}/{step:08}.safetensors"), bytes)
    }

    /// Writes a file of the run, whole or not at all.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.path.join(name);
        write_atomic(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Adds a line to `stats.jsonl`.
    pub(crate) fn append_stats(&self, line: &str) -> anyhow::Result<()> {
        let path = self.path.join(STATS);
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Cuts lines after `step` from `stats.jsonl`, and what no program can read. Returns the last
    /// line left.
    pub(crate) fn cut_stats(&self, step: u64) -> anyhow::Result<Option<serde_json::Value>> {
        let path = self.path.join(STATS);
        let Ok(text) = fs::read_to_string(&path) else { return Ok(None) };
        let mut kept = String::new();
        let mut last = None;
        for line in text.lines() {
            let value: Option<serde_json::Value> = serde_json::from_str(line).ok();
            let of = value.as_ref().and_then(|value| value.get("step")?.as_u64());
            if of.is_some_and(|of| of <= step) {
                kept.push_str(line);
                kept.push('\n');
                last = value;
            }
        }
        if kept != text {
            self.write(STATS, kept.as_bytes())?;
        }
        Ok(last)
    }
}

/// The bytes of a safetensors file: a checkpoint, or weights.
pub(crate) fn read_tensors(path: &Path) -> Result<Vec<u8>, InputError> {
    read_file(path, LARGEST_CHECKPOINT)
}

fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, InputError> {
    let cannot = |error| InputError::new(path, format!("cannot be read: {error}"));
    let metadata = fs::metadata(path).map_err(cannot)?;
    if !metadata.is_file() || metadata.len() > limit {
        let problem = format!("is not a file of at most {limit} bytes");
        return Err(InputError::new(path, problem));
    }
    fs::read(path).map_err(cannot)
}

/// The runs in a folder with their numbers, in order.
fn runs(outdir: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
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
    fn numbers_follow_the_greatest_and_are_never_used_twice() {
        let outdir = TempDir::new().unwrap();
        let name = |run: &RunDirectory| run.path().file_name().unwrap().to_owned();
        let create = || RunDirectory::create(outdir.path(), "digits-dcgan28").unwrap();
        assert_eq!(name(&create()), "00000-digits-dcgan28");
        fs::create_dir(outdir.path().join("00006-other")).unwrap();
        fs::write(outdir.path().join("00009-file"), "").unwrap();
        assert_eq!(name(&create()), "00007-digits-dcgan28");
        assert_eq!(name(&create()), "00008-digits-dcgan28");
    }

    #[test]
    fn after_the_last_number_there_is_none() {
        let outdir = TempDir::new().unwrap();
        fs::create_dir(outdir.path().join("4294967295-x")).unwrap();
        let error = RunDirectory::create(outdir.path(), "digits-dcgan28").unwrap_err();
        assert!(error.to_string().contains("run 4294967295"), "{error}");
    }

    #[test]
    fn stats_after_the_checkpoint_and_torn_lines_are_cut() {
        let outdir = TempDir::new().unwrap();
        let run = RunDirectory::create(outdir.path(), "a").unwrap();
        assert_eq!(run.cut_stats(5).unwrap(), None);
        for step in [1, 5, 6] {
            run.append_stats(&format!("{{\"step\":{step},\"seconds\":{step}.5}}")).unwrap();
        }
        run.append_stats("{\"step\":").unwrap();
        let last = run.cut_stats(5).unwrap().unwrap();
        assert_eq!(last["seconds"], 5.5);
        let text = fs::read_to_string(run.path().join(STATS)).unwrap();
        assert_eq!(text, "{\"step\":1,\"seconds\":1.5}\n{\"step\":5,\"seconds\":5.5}\n");
    }

    #[test]
    fn the_newest_checkpoint_is_the_one_of_the_last_step() {
        let outdir = TempDir::new().unwrap();
        let run = RunDirectory::create(outdir.path(), "a").unwrap();
        assert!(run.newest_checkpoint().is_err());
        for step in [5, 100_000_000, 20] {
            run.write_checkpoint(step, b"").unwrap();
        }
        fs::write(run.path().join("checkpoints/999999999.safetensors.partial"), "").unwrap();
        let newest = run.newest_checkpoint().unwrap();
        assert_eq!(newest.file_name().unwrap(), "100000000.safetensors");
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_refused() {
        let outdir = TempDir::new().unwrap();
        let file = outdir.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(probe(&file.join("runs")).is_err());
        assert!(probe(&outdir.path().join("new/runs")).is_ok());
        assert_eq!(fs::read_dir(outdir.path().join("new/runs")).unwrap().count(), 0);
    }
}
