use super::*;
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const LIMIT: u64 = 1 << 20;

fn archive(entries: &[(&str, &[u8], CompressionMethod)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for &(name, bytes, method) in entries {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn open(bytes: &[u8]) -> Result<ZipImages<Cursor<&[u8]>>, Problem> {
    ZipImages::new(Cursor::new(bytes))
}

const STORED: CompressionMethod = CompressionMethod::Stored;
const DEFLATED: CompressionMethod = CompressionMethod::Deflated;

#[test]
fn images_come_in_order_of_their_names_and_nothing_else_does() {
    let bytes = archive(&[
        ("b/deep/two.JPG", b"two", STORED),
        ("a.png", b"one", DEFLATED),
        ("b/.hidden.png", b"no", STORED),
        ("__MACOSX/a.png", b"no", STORED),
        ("notes.txt", b"no", STORED),
        ("b/zz.webp", b"three", DEFLATED),
    ]);
    let images = open(&bytes).unwrap();
    assert_eq!((images.len(), images.others, images.links), (3, 1, 0));
    let names: Vec<&str> = (0..3).map(|image| images.name(image)).collect();
    assert_eq!(names, ["a.png", "b/deep/two.JPG", "b/zz.webp"]);
    let contents: Vec<Vec<u8>> = (0..3).map(|image| images.read(image, LIMIT).unwrap()).collect();
    assert_eq!(contents, [&b"one"[..], b"two", b"three"]);
    assert!(matches!(images.read(3, LIMIT), Err(Problem::NoSuchImage { index: 3, images: 3 })));
}

#[test]
fn names_that_lead_elsewhere_are_only_names() {
    let bytes = archive(&[
        ("../../outside.png", b"1", STORED),
        ("/etc/absolute.png", b"2", STORED),
        ("C:\\windows\\drive.png", b"3", STORED),
    ]);
    let images = open(&bytes).unwrap();
    let mut contents: Vec<Vec<u8>> = (0..3).map(|i| images.read(i, LIMIT).unwrap()).collect();
    contents.sort();
    assert_eq!(contents, [b"1", b"2", b"3"]);
}

#[test]
fn symbolic_links_are_not_followed() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("link.png", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let images = open(&bytes).unwrap();
    assert_eq!((images.len(), images.links), (0, 1));
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = archive(&[("a.png", &[7; 300], STORED), ("b.png", &[8; 300], DEFLATED)]);
    for length in 0..bytes.len() {
        let read_all = || -> Result<(), Problem> {
            let images = open(&bytes[..length])?;
            (0..images.len().max(2)).try_for_each(|image| images.read(image, LIMIT).map(drop))
        };
        assert!(read_all().is_err(), "{length} of {} bytes", bytes.len());
    }
}

#[test]
fn a_flipped_bit_is_noticed_or_harmless() {
    let contents: Vec<u8> = (0..=255).collect();
    for method in [STORED, DEFLATED] {
        let bytes = archive(&[("a.png", &contents, method)]);
        for place in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[place / 8] ^= 1 << (place % 8);
            if let Ok(images) = open(&damaged)
                && let Ok(found) = images.read(0, LIMIT)
            {
                assert_eq!(found, contents, "bit {place}");
            }
        }
    }
}

#[test]
fn bombs_are_refused_before_they_unpack() {
    let zeros = vec![0; 2 << 20];
    let bytes = archive(&[("a.png", &zeros, DEFLATED)]);
    assert!(bytes.len() < 1 << 14);
    let error = open(&bytes).unwrap().read(0, LIMIT).unwrap_err();
    assert!(matches!(error, Problem::FileTooLarge { bytes, .. } if bytes == 2 << 20), "{error}");

    // It declares 16 bytes and unpacks to more.
    let mut lying = bytes.clone();
    let directory = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    lying[directory + 24..directory + 28].copy_from_slice(&16_u32.to_le_bytes());
    let error = open(&lying).unwrap().read(0, LIMIT).unwrap_err();
    assert!(matches!(error, Problem::TrailingBytes { needed: 16 }), "{error}");

    // Both entries have the same bytes.
    let incompressible: Vec<u8> =
        (0..4096_u32).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
    let pair = archive(&[("a.png", &incompressible, STORED), ("b.png", b"", STORED)]);
    let directory = pair.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    let mut overlapping = pair.clone();
    for size in [20, 24] {
        let place = directory + size;
        overlapping[place..place + 4].copy_from_slice(&4096_u32.to_le_bytes());
    }
    let error = open(&overlapping).unwrap_err();
    assert!(matches!(error, Problem::ZipOverlap { packed: 8192, .. }), "{error}");
}

#[test]
fn very_many_declared_entries_are_refused_before_memory_is_taken() {
    let entries: u64 = 1 << 40;
    let record_64 = [
        b"PK\x06\x06",
        &44_u64.to_le_bytes()[..],
        &[0; 12],
        &entries.to_le_bytes(),
        &entries.to_le_bytes(),
        &[0; 16],
    ]
    .concat();
    let locator = [b"PK\x06\x07", &[0; 4][..], &0_u64.to_le_bytes(), &[1, 0, 0, 0]].concat();
    let end = [b"PK\x05\x06", &[0; 4][..], &[0xff; 12], &[0; 2]].concat();
    let error = open(&[record_64, locator.clone(), end.clone()].concat()).unwrap_err();
    assert!(
        matches!(error, Problem::ZipEntries { entries: found, .. } if found == entries),
        "{error}"
    );
    let far = [vec![0; 2 << 20], locator, end].concat();
    assert!(matches!(open(&far), Err(Problem::ZipEntries { .. })));
}

#[test]
fn an_encrypted_entry_says_so() {
    let mut bytes = archive(&[("a.png", b"contents", STORED)]);
    let directory = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[directory + 8] |= 1;
    let error = open(&bytes).unwrap().read(0, LIMIT).unwrap_err();
    assert!(matches!(error, Problem::Encrypted), "{error}");
}
