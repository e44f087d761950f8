//! The file that keeps what was measured on an adapter: one for each adapter and driver.

use crate::output::say;
use etcetera::{BaseStrategy, base_strategy::choose_native_strategy};
use gan::files::write_atomic;
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};
use tuning::{Adapter, Cache};

/// The variable that names another folder than the user's cache.
const FOLDER_VARIABLE: &str = "GANVAS_CACHE_DIR";
/// Far more than there are products.
const LARGEST: u64 = 4 << 20;

/// Where an adapter's cache lies.
pub(crate) struct CacheFile {
    /// `None` where the system names no folder for caches.
    path: Option<PathBuf>,
}

impl CacheFile {
    /// In the [`cache_folder`].
    pub(crate) fn of(adapter: &Adapter) -> Self {
        Self { path: cache_folder().map(|folder| folder.join(file_name(adapter))) }
    }

    /// Its name, for messages.
    pub(crate) fn name(&self) -> String {
        self.path.as_deref().map_or_else(String::new, |path| path.display().to_string())
    }

    /// What it holds; nothing, and one line that says why, where it cannot serve.
    pub(crate) fn read(&self, adapter: &Adapter) -> Cache {
        let empty = || Cache::new(adapter.clone());
        let Some(path) = &self.path else { return empty() };
        let problem = match read(path) {
            Ok(bytes) => match Cache::parse(&bytes, adapter) {
                Ok(cache) => return cache,
                Err(unusable) => unusable.to_string(),
            },
            Err(error) if is_missing(&error) => return empty(),
            Err(error) => error.to_string(),
        };
        say(format_args!("Note:   {} is ignored and replaced: {problem}", path.display()));
        empty()
    }

    /// What it holds by now; nothing where it cannot serve, as [`CacheFile::read`] has said.
    pub(crate) fn read_again(&self, adapter: &Adapter) -> Cache {
        let bytes = self.path.as_deref().and_then(|path| read(path).ok());
        let cache = bytes.and_then(|bytes| Cache::parse(&bytes, adapter).ok());
        cache.unwrap_or_else(|| Cache::new(adapter.clone()))
    }

    /// Replaces it. Where that fails a line says so, and the next run measures again.
    pub(crate) fn write(&self, cache: &Cache) {
        let Some(path) = &self.path else {
            say(format_args!(
                "Note:   the system names no folder for caches, so the next run measures again; \
                 {FOLDER_VARIABLE} names one"
            ));
            return;
        };
        let written = cache.to_json().map_err(io::Error::from).and_then(|bytes| {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            write_atomic(path, &bytes)
        });
        if let Err(error) = written {
            say(format_args!(
                "Note:   {} cannot be written ({error}), so the next run measures again; \
                 {FOLDER_VARIABLE} names another folder",
                path.display()
            ));
        }
    }
}

/// The folder that `GANVAS_CACHE_DIR` names, else `ganvas` in the user's cache folder; `None` where
/// the system names no such folder.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let named = std::env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty());
    let users = || Some(choose_native_strategy().ok()?.cache_dir().join("ganvas"));
    named.map(PathBuf::from).or_else(users)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LARGEST {
        true => Err(io::Error::other(format!("it has more than {LARGEST} bytes"))),
        false => Ok(bytes),
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Readable, and another for each adapter and driver.
fn file_name(adapter: &Adapter) -> String {
    let Adapter { name, driver } = adapter;
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let readable: String = words.collect::<Vec<_>>().join("-").chars().take(60).collect();
    let checksum = crc32fast::hash(format!("{name}\n{driver}").as_bytes());
    format!("tuning-{readable}-{checksum:08x}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(driver: &str) -> Adapter {
        Adapter { name: "llvmpipe (LLVM 15, 256 bits)".to_owned(), driver: driver.to_owned() }
    }

    fn file(folder: &Path) -> CacheFile {
        CacheFile { path: Some(folder.join("new/cache.json")) }
    }

    #[test]
    fn each_driver_has_a_file_of_its_own() {
        let [a, b] = ["Vulkan, Mesa 22", "Vulkan, Mesa 23"].map(|of| file_name(&adapter(of)));
        assert!(a.starts_with("tuning-llvmpipe-llvm-15-256-bits-"), "{a}");
        assert_ne!(a, b);
    }

    #[test]
    fn what_cannot_serve_is_empty_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (file, adapter) = (file(folder.path()), adapter("Vulkan, Mesa 22"));
        let empty = Cache::new(adapter.clone());
        assert_eq!(file.read(&adapter), empty, "there is none yet");
        file.write(&empty);
        let whole = fs::read(file.path.as_ref().unwrap()).unwrap();
        for contents in [&b"{"[..], b"", b"[]", &whole[..whole.len() / 2], &[0xff; 9]] {
            fs::write(file.path.as_ref().unwrap(), contents).unwrap();
            assert_eq!(file.read(&adapter), empty);
            file.write(&empty);
            assert_eq!(fs::read(file.path.as_ref().unwrap()).unwrap(), whole);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("new"), "a file where the folder should be").unwrap();
        let adapter = adapter("Vulkan, Mesa 22");
        let file = file(folder.path());
        assert_eq!(file.read(&adapter), Cache::new(adapter.clone()));
        file.write(&Cache::new(adapter));
        CacheFile { path: None }.write(&Cache::new(self::adapter("none")));
    }
}
