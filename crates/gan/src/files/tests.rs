use super::*;
use crate::{
    checkpoint::{decode, encode},
    networks::Preset,
    options::TrainOptions,
    state::TrainState,
};
use std::{
    fs::{self, File},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// The operating system's disk with room for so many bytes more, on which the operation of this
/// number, from 0, fails, or after which all fail, as if the program had been killed.
struct Failing<'a> {
    room: &'a AtomicU64,
    fails: Fails,
    done: Vec<&'static str>,
}

#[derive(Clone, Copy, PartialEq)]
enum Fails {
    Never,
    At(usize),
    From(usize),
}

struct Limited<'a> {
    file: File,
    room: &'a AtomicU64,
}

impl Write for Limited<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.room.load(Relaxed).min(bytes.len() as u64);
        if room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = self.file.write(&bytes[..room as usize])?;
        self.room.fetch_sub(written as u64, Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Failing<'_> {
    fn next(&mut self, operation: &'static str) -> io::Result<()> {
        let number = self.done.len();
        self.done.push(operation);
        let fails = match self.fails {
            Fails::Never => false,
            Fails::At(at) => at == number,
            Fails::From(from) => number >= from,
        };
        if fails { Err(io::Error::other(operation)) } else { Ok(()) }
    }
}

impl<'a> Disk for Failing<'a> {
    type File = Limited<'a>;

    fn create(&mut self, path: &Path) -> io::Result<Limited<'a>> {
        self.next("create")?;
        Ok(Limited { file: LocalDisk.create(path)?, room: self.room })
    }

    fn sync(&mut self, file: Limited<'a>) -> io::Result<()> {
        self.next("sync")?;
        LocalDisk.sync(file.file)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.next("rename")?;
        LocalDisk.rename(from, to)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.next("remove")?;
        LocalDisk.remove(path)
    }

    fn sync_folder_of(&mut self, path: &Path) -> io::Result<()> {
        self.next("sync folder")?;
        LocalDisk.sync_folder_of(path)
    }
}

/// Writes with so much room, and says what was done.
fn write(
    path: &Path,
    bytes: &[u8],
    room: u64,
    fails: Fails,
) -> (io::Result<()>, Vec<&'static str>) {
    let room = AtomicU64::new(room);
    let mut disk = Failing { room: &room, fails, done: Vec::new() };
    (write_atomic_on(&mut disk, path, bytes), disk.done)
}

const ROOM: u64 = u64::MAX;

fn files_in(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn replaces_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    write_atomic(&path, b"old").unwrap();
    write_atomic(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(files_in(folder.path()), 1);
}

#[test]
fn a_failure_keeps_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    write_atomic(&path, b"old").unwrap();
    // A folder in the sibling's place cannot be written as a file.
    fs::create_dir(folder.path().join("a.safetensors.partial")).unwrap();
    assert!(write_atomic(&path, b"new").is_err());
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert!(write_atomic(&folder.path().join("missing/a"), b"new").is_err());
}

#[test]
fn bytes_are_on_the_disk_before_they_have_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let (result, done) = write(&folder.path().join("a"), b"new", ROOM, Fails::Never);
    result.unwrap();
    assert_eq!(done, ["create", "sync", "rename", "sync folder"]);
}

/// Small files byte by byte, a checkpoint at hashed bytes and at its ends.
#[test]
fn a_disk_that_is_full_at_any_byte_keeps_the_old_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    let full_at = |room: usize, old: &[u8], new: &[u8]| {
        let (result, _) = write(&path, new, room as u64, Fails::Never);
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::StorageFull, "at byte {room}");
        assert!(fs::read(&path).unwrap() == old, "full at byte {room}");
        assert_eq!(files_in(folder.path()), 1, "full at byte {room}");
    };
    let small: Vec<u8> = (0..=255).collect();
    write_atomic(&path, b"old").unwrap();
    for room in 0..small.len() {
        full_at(room, b"old", &small);
    }
    let (result, _) = write(&path, &small, small.len() as u64, Fails::Never);
    result.unwrap();
    assert_eq!(fs::read(&path).unwrap(), small);

    let checkpoint = |seed| {
        let options = TrainOptions { seed, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
        encode(&TrainState::new(options).unwrap()).unwrap()
    };
    let (old, new) = (checkpoint(1), checkpoint(2));
    write_atomic(&path, &old).unwrap();
    let hashed = (0..24_usize).map(|place| place.wrapping_mul(0x9e37_79b9_7f4a_7c15) % new.len());
    for room in hashed.chain([0, 7, 8, new.len() - 1]) {
        full_at(room, &old, &new);
        assert_eq!(decode(&fs::read(&path).unwrap()).unwrap().options.seed, 1);
    }
}

#[test]
fn a_failure_of_any_operation_leaves_no_sibling() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    for at in 0..4 {
        write_atomic(&path, b"old").unwrap();
        let (result, done) = write(&path, b"new", ROOM, Fails::At(at));
        assert!(result.is_err(), "{done:?}");
        // Only the last operation comes after the file has its name.
        let expected: &[u8] = if at == 3 { b"new" } else { b"old" };
        assert_eq!(fs::read(&path).unwrap(), expected, "{done:?}");
        assert_eq!(files_in(folder.path()), 1, "{done:?}");
    }
}

#[test]
fn a_program_that_ends_at_any_operation_leaves_a_whole_file() {
    for from in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_atomic(&path, b"old").unwrap();
        let (result, done) = write(&path, b"new", ROOM, Fails::From(from));
        assert!(result.is_err());
        let found = fs::read(&path).unwrap();
        assert!(found == b"old" || found == b"new", "{found:?} after {done:?}");
        // What it leaves beside it does not stand in the way of the next.
        write_atomic(&path, b"newer").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        assert_eq!(files_in(folder.path()), 1);
    }
}
