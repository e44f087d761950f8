use super::*;
use crate::data::BadFiles;
use std::fs::File;

fn trailer(count: usize) -> Trailer {
    let (name, notes, skipped) = ("test".to_owned(), vec!["a note".to_owned()], Vec::new());
    Trailer { name, count, height: 2, width: 3, channels: 4, notes, skipped }
}

fn entry<'a>(cache: &'a Cache, folder: &'a Path, name: &str) -> Entry<'a> {
    let path = folder.join(name).with_extension(EXTENSION);
    Entry { cache, folder, path, state: [7; 32] }
}

/// Keeps `count` images of 24 bytes.
fn keep(entry: &Entry<'_>, count: usize) -> Dataset {
    let mut draft = entry.draft().unwrap();
    (0..count).for_each(|image| draft.write(&[image as u8; 24]).unwrap());
    entry.keep(draft, &trailer(count)).unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_kept_is_read_again_in_memory_or_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for memory in [0, 72, 71] {
        let cache = Cache::in_folder(folder.path()).in_memory_up_to(memory);
        let entry = entry(&cache, folder.path(), "a");
        let kept = keep(&entry, 3);
        let read = entry.read().unwrap().unwrap();
        assert_eq!(files(folder.path()), ["a.pixels"]);
        for data in [&kept, &read] {
            assert_eq!(matches!(data.pixels, Pixels::Memory(_)), memory == 72);
            assert_eq!((data.count, data.height, data.width, data.channels), (3, 2, 3, 4));
            assert_eq!(data.notes, ["a note"]);
            assert_eq!(data.image(2).unwrap(), [2; 24]);
            assert!(data.image(3).is_err());
            assert_eq!(data.checksum(), kept.checksum());
        }
    }
}

#[test]
fn the_checksum_is_the_same_in_memory_and_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let checksums = [0, 1000].map(|memory| {
        let cache = Cache::in_folder(folder.path()).in_memory_up_to(memory);
        keep(&entry(&cache, folder.path(), "a"), 3).checksum()
    });
    assert_eq!(checksums[0], checksums[1]);
}

#[test]
fn a_file_removed_while_it_is_used_stays_readable() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::in_folder(folder.path()).in_memory_up_to(0);
    let entry = entry(&cache, folder.path(), "a");
    let data = keep(&entry, 3);
    if cfg!(unix) {
        fs::remove_file(entry.path()).unwrap();
        assert_eq!(data.image(1).unwrap(), [1; 24]);
    }
    assert!(entry.read().unwrap().is_none());
    let draft = entry.draft().unwrap();
    drop(draft);
    assert!(files(folder.path()).is_empty(), "a draft that is given up leaves nothing");
}

#[test]
fn every_cut_and_every_flipped_byte_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::in_folder(folder.path());
    let entry = entry(&cache, folder.path(), "a");
    keep(&entry, 3);
    let whole = fs::read(entry.path()).unwrap();
    for length in 0..whole.len() {
        fs::write(entry.path(), &whole[..length]).unwrap();
        assert!(entry.read().is_err(), "cut at {length} of {}", whole.len());
    }
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x20;
        fs::write(entry.path(), damaged).unwrap();
        assert!(entry.read().is_err(), "flipped at {place} of {}", whole.len());
    }
    fs::write(entry.path(), &whole).unwrap();
    assert!(entry.read().unwrap().is_some());
    let other = Entry { state: [8; 32], ..entry };
    assert!(matches!(other.read(), Err(Unusable::Stale)));
}

#[test]
fn the_files_used_longest_ago_go_first() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::in_folder(folder.path());
    let now = SystemTime::now();
    for (name, hours) in [("old", 3), ("older", 4), ("oldest", 5)] {
        let entry = entry(&cache, folder.path(), name);
        keep(&entry, 100);
        let used = now - Duration::from_secs(hours * 3600);
        File::options().append(true).open(entry.path()).unwrap().set_modified(used).unwrap();
    }
    // Reading is using.
    assert!(entry(&cache, folder.path(), "oldest").read().unwrap().is_some());
    let bytes = fs::metadata(folder.path().join("old.pixels")).unwrap().len();
    let bounded = cache.clone().bounded(3 * bytes);
    keep(&entry(&bounded, folder.path(), "new"), 100);
    assert_eq!(files(folder.path()), ["new.pixels", "old.pixels", "oldest.pixels"]);
    // Where room is made beforehand, as much goes as is coming.
    let [a, b, c] = ["a", "b", "c"].map(|name| entry(&cache, folder.path(), name));
    [&a, &b, &c].into_iter().for_each(|entry| drop(keep(entry, 100)));
    let two = cache.clone().bounded(2 * bytes).with_room(bytes);
    entry(&two, folder.path(), "new").make_room(bytes).unwrap();
    assert_eq!(files(folder.path()), ["new.pixels"], "which is never removed");
    let error = entry(&two, folder.path(), "new").make_room(bytes + 1).unwrap_err();
    assert!(matches!(error, Problem::NoRoom { .. }), "{error}");
    // One that alone takes more stays.
    keep(&entry(&cache.bounded(1), folder.path(), "new"), 100);
    assert_eq!(files(folder.path()), ["new.pixels"]);
}

#[test]
fn what_a_killed_run_leaves_is_removed_after_an_hour() {
    let folder = tempfile::tempdir().unwrap();
    for (name, minutes) in [(".a.1-0.partial", 50), (".b.1-0.partial", 70)] {
        let file = File::create(folder.path().join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(minutes * 60)).unwrap();
    }
    let cache = Cache::in_folder(folder.path());
    keep(&entry(&cache, folder.path(), "a"), 1);
    assert_eq!(files(folder.path()), [".a.1-0.partial", "a.pixels"]);
}

#[test]
fn each_preparation_has_a_place_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::in_folder(folder.path());
    let listing = Listing::of(folder.path().to_str().unwrap(), BadFiles::Refuse).unwrap();
    let place = |preparation| cache.entry(&listing, &preparation).unwrap().path;
    let default = place(Preparation::default());
    for other in [
        Preparation { size: Some([64, 64]), ..Preparation::default() },
        Preparation { channels: Some(3), ..Preparation::default() },
        Preparation { bad_files: BadFiles::Skip, ..Preparation::default() },
    ] {
        assert_ne!(place(other), default, "{other:?}");
    }
    assert!(Cache::none().entry(&listing, &Preparation::default()).is_none());
}
