//! What writing a file whole asks of a file system, so that tests can fail each part of it.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// A file system.
pub(super) trait Disk {
    /// A file that is being written.
    type File: Write;

    /// A new, empty file.
    fn create(&mut self, path: &Path) -> io::Result<Self::File>;

    /// Flushes a file's bytes to the disk.
    fn sync(&mut self, file: Self::File) -> io::Result<()>;

    /// Gives a file another name, in the place of one that has it.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&mut self, path: &Path) -> io::Result<()>;

    /// Flushes the names in a file's folder to the disk.
    fn sync_folder_of(&mut self, path: &Path) -> io::Result<()>;
}

/// The operating system's.
pub(super) struct LocalDisk;

impl Disk for LocalDisk {
    type File = File;

    fn create(&mut self, path: &Path) -> io::Result<File> {
        File::create(path)
    }

    fn sync(&mut self, file: File) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Where folders can be opened; elsewhere a rename is flushed with the file.
    fn sync_folder_of(&mut self, path: &Path) -> io::Result<()> {
        if cfg!(unix) {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        Ok(())
    }
}
