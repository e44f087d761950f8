//! CIFAR-10's binary version: files of 10,000 records, each a label and 32 x 32 pixels, all red
//! ones first, then green, then blue.
//!
//! Source: <https://www.cs.toronto.edu/~kriz/cifar.html>, "Binary version".

use super::{DecodedImage, Format, Mode, Problem};
use flate2::read::GzDecoder;
use image::{Rgb, RgbImage};
use std::{
    collections::BTreeMap,
    io::{self, Read},
};
use tar::Archive;

const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;
const RECORD: usize = 1 + 3 * PLANE;
/// What the labels mean, as `batches.meta.txt` has them.
pub(super) const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const MOST_IMAGES: usize = 10_000;
/// The longest file of a batch.
pub(super) const LONGEST_BATCH: u64 = (MOST_IMAGES * RECORD) as u64;
/// Five batches, one of tests and small files take 176 MB.
const LONGEST_ARCHIVE: u64 = 1 << 30;
const TRAINING_BATCHES: std::ops::RangeInclusive<u32> = 1..=5;

/// The images of one `data_batch_N.bin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CifarBatch {
    records: Vec<u8>,
}

impl CifarBatch {
    /// Reads the contents of a batch's file, of 1 to 10,000 images.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Problem> {
        let (records, rest) = bytes.as_chunks::<RECORD>();
        if !(1..=MOST_IMAGES).contains(&records.len()) || !rest.is_empty() {
            let bytes = bytes.len() as u64;
            let (record, most) = (RECORD as u64, MOST_IMAGES as u64);
            return Err(Problem::CifarSize { bytes, record, most });
        }
        match records
            .iter()
            .map(|record| record[0])
            .enumerate()
            .find(|&(_, label)| usize::from(label) >= CLASSES.len())
        {
            Some((index, label)) => Err(Problem::CifarLabel { index, label }),
            None => Ok(Self { records: bytes }),
        }
    }

    /// The number of images, at least 1.
    pub fn count(&self) -> usize {
        self.records.len() / RECORD
    }

    /// The class of each image, from 0 to 9.
    pub fn classes(&self) -> impl Iterator<Item = u8> {
        self.records.as_chunks::<RECORD>().0.iter().map(|&[label, ..]| label)
    }

    /// Image `index`; `None` past the end.
    pub fn image(&self, index: usize) -> Option<DecodedImage> {
        let [_, pixels @ ..] = self.records.as_chunks::<RECORD>().0.get(index)?;
        let image = RgbImage::from_fn(SIDE as u32, SIDE as u32, |x, y| {
            let place = y as usize * SIDE + x as usize;
            Rgb([pixels[place], pixels[PLANE + place], pixels[2 * PLANE + place]])
        });
        Some(DecodedImage { image: image.into(), format: Format::Cifar10, mode: Mode::Rgb })
    }
}

/// Reads the training batches of `cifar-10-binary.tar.gz`, gzipped or not, with their names, in
/// order. The batch of test images is left out.
pub fn parse_cifar_archive(mut stream: impl Read) -> Result<BTreeMap<String, CifarBatch>, Problem> {
    let mut start = Vec::new();
    stream.by_ref().take(2).read_to_end(&mut start).map_err(Problem::Tar)?;
    let gzipped = start == [0x1f, 0x8b];
    let whole = io::Cursor::new(start).chain(stream);
    match gzipped {
        true => parse_tar(GzDecoder::new(whole).take(LONGEST_ARCHIVE)),
        false => parse_tar(whole.take(LONGEST_ARCHIVE)),
    }
}

fn parse_tar(stream: impl Read) -> Result<BTreeMap<String, CifarBatch>, Problem> {
    let mut batches = BTreeMap::new();
    let mut archive = Archive::new(stream);
    for entry in archive.entries().map_err(Problem::Tar)? {
        let mut entry = entry.map_err(Problem::Tar)?;
        let path = entry.path().map_err(Problem::Tar)?.into_owned();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let Some(name) = name.filter(|name| is_training_batch(name)) else { continue };
        let needed = entry.size();
        let mut bytes = Vec::new();
        entry.by_ref().take(LONGEST_BATCH + 1).read_to_end(&mut bytes).map_err(Problem::Tar)?;
        let found = bytes.len() as u64;
        if found < needed.min(LONGEST_BATCH) {
            return Err(Problem::Truncated { needed, found });
        }
        batches.insert(name, CifarBatch::parse(bytes)?);
    }
    // What compresses it checks itself at its very end.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(Problem::Tar)?;
    if batches.is_empty() { Err(Problem::NoCifarBatches) } else { Ok(batches) }
}

/// Whether a file of this name holds training images of CIFAR-10.
pub(super) fn is_training_batch(name: &str) -> bool {
    let number = name.strip_prefix("data_batch_").and_then(|rest| rest.strip_suffix(".bin"));
    number.and_then(|number| number.parse().ok()).is_some_and(|n| TRAINING_BATCHES.contains(&n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    /// A batch of images whose planes are 10, 20 and 30 higher than their number.
    fn batch(count: usize) -> Vec<u8> {
        let record = |image: usize| {
            let planes = [10, 20, 30].map(|plane| vec![plane + image as u8; PLANE]);
            [vec![image as u8 % CLASSES.len() as u8], planes.concat()].concat()
        };
        (0..count).flat_map(record).collect()
    }

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn archive() -> Vec<u8> {
        tar(&[
            ("cifar-10-batches-bin/data_batch_2.bin", &batch(2)),
            ("cifar-10-batches-bin/data_batch_1.bin", &batch(3)),
            ("cifar-10-batches-bin/test_batch.bin", &batch(1)),
            ("cifar-10-batches-bin/readme.html", b"a page"),
        ])
    }

    #[test]
    fn the_training_batches_are_read_in_order() {
        for bytes in [archive(), gzip(&archive())] {
            let batches = parse_cifar_archive(&bytes[..]).unwrap();
            let counts: Vec<_> =
                batches.iter().map(|(n, batch)| (n.as_str(), batch.count())).collect();
            assert_eq!(counts, [("data_batch_1.bin", 3), ("data_batch_2.bin", 2)]);
            let image = batches["data_batch_1.bin"].image(2).unwrap();
            assert_eq!(image.size(), [32, 32]);
            assert!(image.image.to_rgb8().pixels().all(|pixel| pixel.0 == [12, 22, 32]));
            assert!(batches["data_batch_1.bin"].image(3).is_none());
        }
    }

    #[test]
    fn planes_are_laid_beside_one_another_row_by_row() {
        let mut bytes = batch(1);
        bytes[1 + PLANE + 32 + 5] = 99;
        let image = CifarBatch::parse(bytes).unwrap().image(0).unwrap().image.to_rgb8();
        assert_eq!(image.get_pixel(5, 1).0, [10, 99, 30]);
    }

    #[test]
    fn truncations_are_errors() {
        let plain = archive();
        // Whole batches are in the first 3 + 2 records and their headers.
        for length in (0..5 * RECORD + 1024).step_by(97) {
            let batches = parse_cifar_archive(&plain[..length]);
            let images: usize = batches.into_iter().flatten().map(|(_, batch)| batch.count()).sum();
            assert!(images == 0 || images == 2, "{length}: {images} images");
        }
        let zipped = gzip(&plain);
        for length in (0..zipped.len()).step_by(7) {
            assert!(parse_cifar_archive(&zipped[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        let none = tar(&[("test_batch.bin", &batch(1)), ("data_batch_6.bin", &batch(1))]);
        assert!(matches!(parse_cifar_archive(&none[..]), Err(Problem::NoCifarBatches)));
        let sizes = [Vec::new(), vec![0; RECORD - 1], vec![0; RECORD + 1]];
        for bytes in sizes {
            assert!(matches!(CifarBatch::parse(bytes), Err(Problem::CifarSize { .. })));
        }
        let mut bytes = batch(2);
        bytes[RECORD] = CLASSES.len() as u8;
        let error = CifarBatch::parse(bytes).unwrap_err();
        assert!(matches!(error, Problem::CifarLabel { index: 1, label: 10 }), "{error}");
    }
}
