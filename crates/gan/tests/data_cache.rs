//! Loading a source twice, with bad files, on many threads: what stays the same and what is told.

use gan::data::{
    BadFiles, Cache, DataError, Dataset, Format, Mode, Pixels, Preparation, Problem,
    for_each_image, inspect,
};
use image::{GrayImage, Luma, Rgb, RgbImage};
use std::{
    fs::{self, File},
    path::PathBuf,
    sync::{
        Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

/// A folder of images and one for a cache.
struct Fixture {
    folder: TempDir,
    cache: Cache,
}

impl Fixture {
    /// Forty coloured images, all different.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir_all(folder.path().join("images/deep")).unwrap();
        let cache = Cache::in_folder(&folder.path().join("cache")).in_memory_up_to(0);
        let fixture = Self { folder, cache };
        for number in 0..40 {
            let deep = if number % 3 == 0 { "deep/" } else { "" };
            fixture.save(&format!("{deep}{number}.png"), number);
        }
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("images").join(name)
    }

    fn save(&self, name: &str, number: u8) {
        let image = RgbImage::from_fn(40, 30, |x, y| Rgb([x as u8 * 6, y as u8 * 8, number]));
        image.save(self.path(name)).unwrap();
    }

    fn source(&self) -> String {
        self.path("").to_str().unwrap().to_owned()
    }

    fn load_as(&self, preparation: &Preparation) -> Result<Loaded, DataError> {
        let decoded = AtomicUsize::new(0);
        let data = gan::data::files::load(&self.source(), preparation, &self.cache, &|_, _| {
            decoded.fetch_add(1, Ordering::Relaxed);
        })?;
        Ok(Loaded { data, decoded: decoded.into_inner() })
    }

    fn load(&self) -> Loaded {
        self.load_as(&Preparation::default()).unwrap()
    }

    fn cached(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path().join("cache")).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

struct Loaded {
    data: Dataset,
    /// Images that were decoded for it.
    decoded: usize,
}

fn all(data: &Dataset) -> Vec<Vec<u8>> {
    (0..data.count).map(|index| data.image(index).unwrap()).collect()
}

const SKIP: Preparation = Preparation {
    size: None,
    channels: None,
    fit: gan::data::Fit::Crop,
    bad_files: BadFiles::Skip,
};

#[test]
fn the_second_time_gives_the_same_without_decoding() {
    let fixture = Fixture::new();
    let (first, second) = (fixture.load(), fixture.load());
    assert_eq!((first.decoded, second.decoded), (40, 0));
    assert!(matches!(second.data.pixels, Pixels::File(_)));
    assert_eq!(first.data.checksum(), second.data.checksum());
    assert!(all(&first.data) == all(&second.data));
    assert_eq!(first.data.notes, second.data.notes);
    let uncached = Fixture { cache: Cache::none(), ..fixture }.load().data;
    assert!(matches!(uncached.pixels, Pixels::Memory(_)));
    assert_eq!(first.data.checksum(), uncached.checksum());
    assert!(all(&first.data) == all(&uncached));
}

#[test]
fn a_changed_source_is_read_again_and_that_is_said() {
    let fixture = Fixture::new();
    let first = fixture.load().data.checksum();
    let changes: [(&str, &dyn Fn()); 4] = [
        ("a new file", &|| fixture.save("new.png", 99)),
        ("a file less", &|| fs::remove_file(fixture.path("new.png")).unwrap()),
        ("a new time", &|| {
            let file = File::options().append(true).open(fixture.path("1.png")).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
        }),
        ("a new size", &|| {
            let before = fs::metadata(fixture.path("1.png")).unwrap().modified().unwrap();
            let mut bytes = fs::read(fixture.path("1.png")).unwrap();
            bytes.push(0);
            fs::write(fixture.path("1.png"), bytes).unwrap();
            let file = File::options().append(true).open(fixture.path("1.png")).unwrap();
            file.set_modified(before).unwrap();
        }),
    ];
    for (what, change) in changes {
        change();
        let again = fixture.load();
        assert!(again.decoded >= 40, "{what}");
        let said = again.data.notes.iter().filter(|note| note.contains("images have changed"));
        assert_eq!(said.count(), 1, "{what}: {:?}", again.data.notes);
        let third = fixture.load();
        assert_eq!(third.decoded, 0, "{what}");
        assert_eq!(fixture.cached().len(), 1, "{what}: the old one is replaced");
    }
    assert_eq!(fixture.load().data.checksum(), first);
}

#[test]
fn a_damaged_cache_is_made_again_and_that_is_said() {
    let fixture = Fixture::new();
    let first = fixture.load().data.checksum();
    let path = fixture.cached().pop().unwrap();
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for contents in [&whole[..whole.len() - 1], &whole[..100], b"", b"something else", &flipped] {
        fs::write(&path, contents).unwrap();
        let again = fixture.load();
        assert_eq!((again.decoded, again.data.checksum()), (40, first));
        assert!(again.data.notes[0].contains("is made again"), "{:?}", again.data.notes);
        let third = fixture.load();
        assert_eq!(third.decoded, 0);
        assert!(!third.data.notes.join("").contains("made again"), "said once");
    }
}

#[test]
fn runs_at_the_same_time_get_the_same_and_leave_one_file() {
    let fixture = Fixture::new();
    let start = Barrier::new(4);
    let checksums: Vec<u32> = thread::scope(|scope| {
        let load = || {
            start.wait();
            fixture.load().data.checksum()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(load)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(checksums.iter().all(|checksum| *checksum == checksums[0]), "{checksums:?}");
    let cached = fixture.cached();
    assert!(cached.len() == 1 && cached[0].extension().unwrap() == "pixels", "{cached:?}");
}

#[test]
fn a_cache_that_cannot_be_written_is_no_failure() {
    let fixture = Fixture::new();
    fs::write(fixture.folder.path().join("cache"), "a file where the folder should be").unwrap();
    let loaded = fixture.load();
    assert!(matches!(loaded.data.pixels, Pixels::Memory(_)));
    assert!(loaded.data.notes[0].contains("stay in memory"), "{:?}", loaded.data.notes);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let fixture = Fixture::new();
    let of_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| all(&load_uncached(&fixture.source())))
    };
    assert!(of_threads(1) == of_threads(7));
}

#[test]
fn bad_files_stop_or_are_left_out_and_listed() {
    let fixture = Fixture::new();
    fs::write(fixture.path("2.png"), b"\x89PNG\r\n\x1a\n and no more").unwrap();
    fs::write(fixture.path("5.png"), b"text").unwrap();
    let error = fixture.load_as(&Preparation::default()).err().unwrap();
    assert_eq!(error.path, fixture.path("2.png"), "the first in order");
    assert!(fixture.cached().is_empty(), "nothing is left of an attempt");

    for decoded in [40, 0] {
        let loaded = fixture.load_as(&SKIP).unwrap();
        assert_eq!((loaded.decoded, loaded.data.count), (decoded, 38));
        let [first, second] = &loaded.data.skipped[..] else { panic!("{:?}", loaded.data.skipped) };
        assert!(first.contains("2.png: is a damaged image"), "{first}");
        assert!(second.contains("5.png: is not a PNG, JPEG"), "{second}");
        assert!(loaded.data.notes.contains(&format!("left out: {first}")));
    }
    for number in 0..40 {
        let deep = if number % 3 == 0 { "deep/" } else { "" };
        fs::write(fixture.path(&format!("{deep}{number}.png")), b"text").unwrap();
    }
    fixture.save("last.png", 1);
    let data = fixture.load_as(&SKIP).unwrap().data;
    assert_eq!((data.count, data.skipped.len()), (1, 40));
    assert!(data.notes.contains(&"left out: 30 more bad files".to_owned()), "{:?}", data.notes);
    fs::remove_file(fixture.path("last.png")).unwrap();
    let error = fixture.load_as(&SKIP).err().unwrap();
    assert!(matches!(error.problem, Problem::AllBad { files: 40, .. }), "{error}");
}

#[test]
fn inspecting_counts_everything() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    GrayImage::from_pixel(10, 20, Luma([5])).save(path("a.png")).unwrap();
    RgbImage::from_pixel(10, 20, Rgb([5, 5, 5])).save(path("b.bmp")).unwrap();
    RgbImage::from_pixel(20, 10, Rgb([5, 5, 5])).save(path("c.png")).unwrap();
    fs::write(path("d.png"), b"text").unwrap();
    fs::write(path("notes.txt"), b"text").unwrap();
    let source = folder.path().to_str().unwrap();
    let progress = Mutex::new(Vec::new());
    let heard = |done, of| progress.lock().unwrap().push((done, of));
    let found = inspect(source, &Preparation::default(), &heard).unwrap();
    let mut progress = progress.into_inner().unwrap();
    progress.sort();
    assert_eq!(progress, [(1, 4), (2, 4), (3, 4), (4, 4)]);
    assert_eq!(found.images, 3);
    assert_eq!(found.formats.into_iter().collect::<Vec<_>>(), [(Format::Png, 2), (Format::Bmp, 1)]);
    assert_eq!(found.modes.into_iter().collect::<Vec<_>>(), [(Mode::Grey, 1), (Mode::Rgb, 2)]);
    assert_eq!(found.sizes.into_iter().collect::<Vec<_>>(), [([10, 20], 1), ([20, 10], 2)]);
    assert_eq!(found.duplicates, [[path("a.png"), path("b.bmp")]]);
    assert_eq!(found.bad.len(), 1);
    assert_eq!((found.left_out.others, found.left_out.links), (1, 0));
    let outcome = found.outcome.unwrap();
    assert_eq!((outcome.images, outcome.height, outcome.width, outcome.channels), (3, 64, 64, 1));
    let data = load_uncached(source);
    let training: Vec<&String> = outcome.notes.iter().collect();
    assert!(training.iter().all(|note| data.notes.contains(note)), "{training:?} {:?}", data.notes);
}

fn load_uncached(source: &str) -> Dataset {
    gan::data::files::load(source, &SKIP, &Cache::none(), &|_, _| {}).unwrap()
}

#[test]
fn every_image_is_visited_whole_and_in_order() {
    let fixture = Fixture::new();
    fs::write(fixture.path("2.png"), b"text").unwrap();
    let visit = |bad_files, take: &mut dyn FnMut(usize, [usize; 2]) -> Result<(), DataError>| {
        for_each_image(&fixture.source(), bad_files, &|_, _| {}, |image| Ok(image.size()), take)
    };
    let mut visited = Vec::new();
    let bad = visit(BadFiles::Skip, &mut |index, size| {
        assert_eq!(size, [30, 40]);
        visited.push(index);
        Ok(())
    });
    let bad = bad.unwrap();
    assert_eq!((bad.len(), &bad[0].path), (1, &fixture.path("2.png")));
    assert!(visited.len() == 39 && visited.is_sorted());
    let mut visited = 0;
    let error = visit(BadFiles::Refuse, &mut |_, _| {
        visited += 1;
        Ok(())
    });
    assert_eq!(error.unwrap_err().path, fixture.path("2.png"));
    assert!(visited < 39);
}
