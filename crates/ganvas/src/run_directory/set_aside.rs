//! Taking back a part of a run without losing it.

use super::{CHECKPOINTS, Log, OPTIONS, REALS, RunDirectory};
use anyhow::Context;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What the folders of parts that were taken back begin with.
const SET_ASIDE: &str = "collapsed-";

impl RunDirectory {
    /// The newest checkpoint of this step or an earlier one.
    pub(crate) fn checkpoint_up_to(&self, step: u64) -> Option<PathBuf> {
        let checkpoints = self.checkpoints().ok()?;
        checkpoints.into_iter().rfind(|path| step_of(path).is_some_and(|of| of <= step))
    }

    /// Moves the checkpoints and pictures after a step to a new folder of the run, beside copies of
    /// the logs, of the record and of the checkpoint of that step, so that it is a run too. Returns the
    /// folder.
    pub(crate) fn set_aside(&self, step: u64) -> anyhow::Result<PathBuf> {
        let folder = self.new_folder().with_context(|| self.path.display().to_string())?;
        let cannot = |path: &Path| format!("cannot be set aside: {}", path.display());
        fs::create_dir(folder.join(CHECKPOINTS)).with_context(|| cannot(&folder))?;
        for name in Log::ALL.map(Log::name).into_iter().chain([OPTIONS, REALS]) {
            let file = self.path.join(name);
            if file.exists() {
                fs::copy(&file, folder.join(name)).with_context(|| cannot(&file))?;
            }
        }
        let pictures = self.pictures()?.into_iter().filter(|drawn| drawn.step > Some(step));
        for picture in pictures.map(|drawn| drawn.path) {
            let name = picture.file_name().unwrap_or_default();
            fs::rename(&picture, folder.join(name)).with_context(|| cannot(&picture))?;
        }
        // The newest first: what is left is always a run up to one of its checkpoints.
        for checkpoint in self.checkpoints()?.into_iter().rev() {
            let name = checkpoint.file_name().unwrap_or_default();
            let to = folder.join(CHECKPOINTS).join(name);
            match step_of(&checkpoint) {
                Some(of) if of > step => {
                    fs::rename(&checkpoint, to).with_context(|| cannot(&checkpoint))?;
                }
                Some(of) if of == step => {
                    fs::copy(&checkpoint, to).with_context(|| cannot(&checkpoint))?;
                }
                _ => {}
            }
        }
        Ok(folder)
    }

    /// Makes `collapsed-N` with the first number that is free.
    fn new_folder(&self) -> io::Result<PathBuf> {
        let mut number = 1_u32;
        loop {
            let path = self.path.join(format!("{SET_ASIDE}{number}"));
            match fs::create_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                made => return made.map(|()| path),
            }
        }
    }
}

fn step_of(checkpoint: &Path) -> Option<u64> {
    checkpoint.file_stem()?.to_str()?.parse().ok()
}
