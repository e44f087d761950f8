//! One file from whichever mirror has it, whole and as published, or not at all.

use super::{
    catalogue::PublishedFile,
    new_file::rename_to_new,
    request::{Failure, Rest, agent},
};
use gan::files::partial;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use ureq::Agent;

const BUFFER: usize = 64 << 10;

/// Why a file is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadError {
    /// Something else has its name.
    #[error(
        "{}: is there already and is not the published file: {problem}; move it away, or fetch into \
         another folder with --outdir",
        path.display()
    )]
    Different {
        /// The file in the way.
        path: PathBuf,
        /// How it differs.
        problem: String,
    },
    /// No mirror gave it.
    #[error("{name} cannot be fetched: {problems}{kept}")]
    NoMirror {
        /// The file's name.
        name: &'static str,
        /// The last problem of each mirror.
        problems: String,
        /// What becomes of the part that has arrived.
        kept: String,
    },
    /// The file system refused.
    #[error("{}: {error}", path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// Its answer.
        error: io::Error,
    },
}

/// When to give up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How long a server may be silent.
    pub(super) stall: Duration,
    /// What to wait after each round through all mirrors that brought nothing new; after the last
    /// comes one more round.
    pub(super) pauses: &'static [Duration],
}

/// What happens meanwhile.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// So many bytes of the file are there.
    Bytes(u64),
    /// A mirror failed, and another try follows.
    Failed {
        /// The mirror's address.
        mirror: &'a str,
        /// What it did.
        problem: &'a str,
    },
}

/// Where a file came from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It was there already.
    Folder,
    /// The mirror of this address gave its end.
    Mirror(String),
}

/// Fetches `file` into `folder` from the first of `mirrors` that has it. Until the file is checked it
/// is named `NAME.partial`, and what is there of that is not asked for again.
pub(super) fn download(
    file: &PublishedFile,
    mirrors: &[&str],
    folder: &Path,
    patience: Patience,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<Origin, DownloadError> {
    let target = folder.join(file.name);
    if fs::symlink_metadata(&target).is_ok() {
        return match difference(file, &target).map_err(at(&target))? {
            None => Ok(Origin::Folder),
            Some(problem) => Err(DownloadError::Different { path: target, problem }),
        };
    }
    let agent = agent(patience.stall);
    let partial = partial(&target).map_err(at(&target))?;
    let mut transfer = Transfer { file, target: &target, partial, agent: &agent, on_event };

    let mut mirrors: Vec<Mirror<'_>> =
        mirrors.iter().map(|&address| Mirror { address, last: None }).collect();
    let (mut furthest, mut pauses) = (transfer.arrived(), patience.pauses.iter());
    loop {
        for mirror in mirrors.iter_mut().filter(|mirror| mirror.may_help()) {
            match transfer.from(mirror.address)? {
                Ok(()) => return Ok(Origin::Mirror(mirror.address.to_owned())),
                Err(failure) => mirror.last = Some(failure),
            }
            let problem = mirror.problem();
            (transfer.on_event)(Event::Failed { mirror: mirror.address, problem });
        }
        let arrived = transfer.arrived();
        if arrived > furthest {
            (furthest, pauses) = (arrived, patience.pauses.iter());
        }
        match pauses.next().filter(|_| mirrors.iter().any(Mirror::may_help)) {
            Some(pause) => thread::sleep(*pause),
            None => return Err(transfer.give_up(&mirrors)),
        }
    }
}

/// How the file at `path` differs from what is published.
fn difference(file: &PublishedFile, path: &Path) -> io::Result<Option<String>> {
    let found = fs::metadata(path)?.len();
    if found != file.bytes {
        return Ok(Some(format!("it has {found} bytes, not {}", file.bytes)));
    }
    let found = sha256(path)?;
    Ok((found != file.sha256).then(|| format!("its SHA-256 is {found}, not {}", file.sha256)))
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut source = File::open(path)?;
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; BUFFER]);
    loop {
        match source.read(&mut buffer)? {
            0 => break,
            read => hasher.update(&buffer[..read]),
        }
    }
    Ok(hasher.finalize().iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    }))
}

fn at(path: &Path) -> impl Fn(io::Error) -> DownloadError + '_ {
    move |error| DownloadError::File { path: path.to_owned(), error }
}

struct Mirror<'a> {
    address: &'a str,
    last: Option<Failure>,
}

impl Mirror<'_> {
    fn may_help(&self) -> bool {
        !matches!(self.last, Some(Failure::Final(_)))
    }

    fn problem(&self) -> &str {
        match &self.last {
            Some(Failure::Final(problem) | Failure::Passing(problem)) => problem,
            None => "was not asked",
        }
    }
}

struct Transfer<'a> {
    file: &'a PublishedFile,
    target: &'a Path,
    partial: PathBuf,
    agent: &'a Agent,
    on_event: &'a mut dyn FnMut(Event<'_>),
}

impl Transfer<'_> {
    /// Bytes of the file that have arrived, now or earlier.
    fn arrived(&self) -> u64 {
        fs::metadata(&self.partial).map_or(0, |metadata| metadata.len())
    }

    /// One try with one mirror.
    fn from(&mut self, mirror: &str) -> Result<Result<(), Failure>, DownloadError> {
        let from = match self.arrived() {
            arrived if arrived > self.file.bytes => 0,
            arrived => arrived,
        };
        let mut began = from;
        if from < self.file.bytes {
            let url = format!("{}/{}", mirror.trim_end_matches('/'), self.file.name);
            let received = match Rest::ask(self.agent, &url, from, self.file.bytes) {
                Ok(mut rest) => {
                    began = rest.from;
                    self.receive(&mut rest)?
                }
                Err(failure) => Err(failure),
            };
            if received.is_err() {
                return Ok(received);
            }
        }
        let Some(problem) = difference(self.file, &self.partial).map_err(at(&self.partial))? else {
            rename_to_new(&self.partial, self.target).map_err(at(self.target))?;
            return Ok(Ok(()));
        };
        fs::remove_file(&self.partial).map_err(at(&self.partial))?;
        // A part that came from elsewhere may be what is wrong.
        let failure = if began == 0 { Failure::Final } else { Failure::Passing };
        Ok(Err(failure(format!("gives another file than published: {problem}"))))
    }

    /// Appends what comes; all of it when there is no failure.
    fn receive(&mut self, rest: &mut Rest) -> Result<Result<(), Failure>, DownloadError> {
        let failed = |error| DownloadError::File { path: self.partial.clone(), error };
        let mut options = OpenOptions::new();
        match rest.from {
            0 => options.write(true).create(true).truncate(true),
            _ => options.append(true),
        };
        let mut partial = options.open(&self.partial).map_err(failed)?;
        let (mut arrived, mut buffer) = (rest.from, vec![0; BUFFER]);
        loop {
            (self.on_event)(Event::Bytes(arrived));
            let read = match rest.read(&mut buffer) {
                Ok(read) => read,
                Err(failure) => return Ok(Err(failure)),
            };
            arrived += read as u64;
            if arrived > self.file.bytes {
                let problem = format!("gives more than {} bytes", self.file.bytes);
                return Ok(Err(Failure::Final(problem)));
            }
            if read == 0 {
                break;
            }
            partial.write_all(&buffer[..read]).map_err(failed)?;
        }
        partial.sync_all().map_err(failed)?;
        Ok(match arrived < self.file.bytes {
            true => {
                Err(Failure::Passing(format!("ended after {arrived} of {} bytes", self.file.bytes)))
            }
            false => Ok(()),
        })
    }

    fn give_up(&self, mirrors: &[Mirror<'_>]) -> DownloadError {
        let problems: Vec<String> = mirrors
            .iter()
            .map(|mirror| format!("{}: {}", mirror.address, mirror.problem()))
            .collect();
        let kept = match self.arrived() {
            0 => String::new(),
            arrived => format!(
                "; {arrived} of {} bytes are kept in {}, and the same command goes on from there",
                self.file.bytes,
                self.partial.display()
            ),
        };
        DownloadError::NoMirror { name: self.file.name, problems: problems.join("; "), kept }
    }
}

#[cfg(test)]
mod tests;
