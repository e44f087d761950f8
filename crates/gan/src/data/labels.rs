//! What the images of a source are of, where the source says so.

use super::{BadFiles, CIFAR_CLASSES, DIGIT_LABELS, DataError, Problem, source::Listing};
use flate2::read::GzDecoder;
use std::{collections::BTreeMap, io::Read, path::Path};

const MAGIC: u32 = 0x0000_0801;
const HEADER: u64 = 8;
/// The most labels that are read from a file.
const MOST_LABELS: u64 = 1 << 30;
/// The most classes that folders can be: more are no classes, but a way to store many files.
const MOST_CLASSES: usize = 1000;

/// The classes of a source's images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// What the classes are called, two or more.
    pub classes: Vec<String>,
    /// The class of each image, in the source's order.
    pub of_images: Vec<u16>,
}

/// The classes of all images of a source, bad ones among them; `None` where nothing tells them.
///
/// The bundled digits have them, CIFAR-10 has, and IDX files have where the file of labels lies
/// beside that of images (`train-labels-idx1-ubyte.gz` beside `train-images-idx3-ubyte.gz`). Of
/// folders and zip archives the classes are the folders that the images are in, behind what all
/// their paths have in common, if no image lies outside of them.
///
/// # Errors
/// If the source cannot be read, or its labels are damaged or not as many as its images.
pub fn labels(source: &str) -> Result<Option<Labels>, DataError> {
    let listing = Listing::of(source, BadFiles::Skip)?;
    let images = listing.open()?;
    if source == "digits" {
        let labels = parse_idx_labels(DIGIT_LABELS);
        let labels = labels.map_err(|problem| DataError::new(Path::new(source), problem))?;
        return Ok(Some(numbered(labels)));
    }
    if let Some(classes) = images.cifar_classes() {
        let classes_of = |&name: &&str| name.to_owned();
        let of_images = classes.into_iter().map(u16::from).collect();
        return Ok(Some(Labels {
            classes: CIFAR_CLASSES.iter().map(classes_of).collect(),
            of_images,
        }));
    }
    if let Some(path) = images.idx_path() {
        return of_idx(path, images.len());
    }
    let names: Vec<String> = (0..images.len())
        .map(|index| images.name(index).to_string_lossy().replace('\\', "/"))
        .collect();
    Ok(of_folders(&names))
}

/// Labels 0, 1, 2.. whose names are their numbers.
fn numbered(labels: Vec<u8>) -> Labels {
    let last = labels.iter().copied().max().unwrap_or(0);
    let of_images = labels.into_iter().map(u16::from).collect();
    Labels { classes: (0..=last).map(|class| class.to_string()).collect(), of_images }
}

/// The labels in the file beside one of images.
fn of_idx(images: &Path, count: usize) -> Result<Option<Labels>, DataError> {
    let name = images.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = name.replace("images", "labels").replace("idx3", "idx1");
    let plain = name.trim_end_matches(".gz").to_owned();
    let beside = [name, plain.clone(), plain + ".gz"].map(|name| images.with_file_name(name));
    let Some(path) = beside.into_iter().find(|path| path != images && path.is_file()) else {
        return Ok(None);
    };
    let at = |problem| DataError::new(&path, problem);
    let bytes = std::fs::read(&path).map_err(|error| at(Problem::Unreadable(error)))?;
    let labels = parse_idx_labels(&bytes).map_err(at)?;
    match labels.len() == count {
        true => Ok(Some(numbered(labels)).filter(|labels| labels.classes.len() > 1)),
        false => Err(at(Problem::LabelCount { labels: labels.len(), images: count })),
    }
}

/// Reads an IDX file of labels, gzipped or not: a big-endian header of magic 0x00000801 and count,
/// then one byte an image.
///
/// # Errors
/// If it is of something else, cut short, or goes on.
pub fn parse_idx_labels(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        parse_stream(GzDecoder::new(bytes))
    } else {
        parse_stream(bytes)
    }
}

fn parse_stream(mut stream: impl Read) -> Result<Vec<u8>, Problem> {
    let mut header = Vec::new();
    stream.by_ref().take(HEADER).read_to_end(&mut header).map_err(Problem::Gzip)?;
    let &[magic, count] = header.as_chunks::<4>().0 else {
        return Err(Problem::Truncated { needed: HEADER, found: header.len() as u64 });
    };
    let [magic, count] = [magic, count].map(u32::from_be_bytes);
    if magic != MAGIC {
        return Err(Problem::LabelMagic { found: magic });
    }
    let count = u64::from(count).min(MOST_LABELS);
    let mut labels = Vec::new();
    // One byte more than declared tells a file that goes on, and lets gzip check its own CRC.
    stream.take(count + 1).read_to_end(&mut labels).map_err(Problem::Gzip)?;
    let (needed, found) = (HEADER + count, HEADER + labels.len() as u64);
    match found.cmp(&needed) {
        std::cmp::Ordering::Less => Err(Problem::Truncated { needed, found }),
        std::cmp::Ordering::Greater => Err(Problem::TrailingBytes { needed }),
        std::cmp::Ordering::Equal => Ok(labels),
    }
}

/// The folders that images lie in, behind the folders that all have in common.
fn of_folders(names: &[String]) -> Option<Labels> {
    let folders = |name: &String| {
        let folders = name.rsplit_once('/').map_or("", |(folders, _)| folders);
        folders.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let folders: Vec<Vec<String>> = names.iter().map(folders).collect();
    let first = folders.first()?;
    let common = folders.iter().fold(first.len(), |common, folders| {
        first.iter().zip(folders).take(common).take_while(|(a, b)| a == b).count()
    });
    let mut classes: BTreeMap<&str, u16> = BTreeMap::new();
    for folders in &folders {
        classes.insert(folders.get(common)?, 0);
    }
    if !(2..=MOST_CLASSES).contains(&classes.len()) {
        return None;
    }
    for (number, class) in classes.values_mut().enumerate() {
        *class = number as u16;
    }
    let of_images = folders.iter().map(|folders| classes[folders[common].as_str()]).collect();
    Some(Labels { classes: classes.into_keys().map(str::to_owned).collect(), of_images })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn idx(magic: u32, count: u32, labels: &[u8]) -> Vec<u8> {
        [&magic.to_be_bytes()[..], &count.to_be_bytes(), labels].concat()
    }

    #[test]
    fn the_bundled_digits_have_their_published_counts() {
        let Labels { classes, of_images } = labels("digits").unwrap().unwrap();
        assert_eq!(classes.join(""), "0123456789");
        let count = |class| of_images.iter().filter(|&&label| label == class).count();
        let counts: Vec<usize> = (0..10).map(count).collect();
        assert_eq!(counts, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
        assert_eq!(of_images[..5], [7, 2, 1, 0, 4]);
    }

    #[test]
    fn labels_of_idx_files_are_as_many_as_images() {
        assert_eq!(parse_idx_labels(&idx(MAGIC, 3, &[2, 0, 1])).unwrap(), [2, 0, 1]);
        let error = parse_idx_labels(&idx(0x0803, 3, &[0; 3])).unwrap_err();
        assert!(matches!(error, Problem::LabelMagic { found: 0x0803 }), "{error}");
        let error = parse_idx_labels(&idx(MAGIC, 4, &[0; 3])).unwrap_err();
        assert!(matches!(error, Problem::Truncated { needed: 12, found: 11 }), "{error}");
        let error = parse_idx_labels(&idx(MAGIC, 2, &[0; 3])).unwrap_err();
        assert!(matches!(error, Problem::TrailingBytes { needed: 10 }), "{error}");

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train-images-idx3-ubyte");
        let header = [0x0803_u32, 3, 1, 1].map(u32::to_be_bytes).concat();
        fs::write(&path, [header, vec![1, 2, 3]].concat()).unwrap();
        let source = folder.path().to_string_lossy().into_owned();
        assert_eq!(labels(&source).unwrap(), None, "there is no file of labels");
        let of_labels = folder.path().join("train-labels-idx1-ubyte");
        fs::write(&of_labels, idx(MAGIC, 3, &[2, 0, 1])).unwrap();
        let found = labels(&source).unwrap().unwrap();
        assert_eq!((found.classes.len(), found.of_images), (3, vec![2, 0, 1]));
        fs::write(&of_labels, idx(MAGIC, 2, &[2, 0])).unwrap();
        let error = labels(&source).unwrap_err();
        assert!(matches!(error.problem, Problem::LabelCount { labels: 2, images: 3 }), "{error}");
    }

    #[test]
    fn folders_are_classes_where_every_image_is_in_one() {
        let of = |names: &[&str]| {
            of_folders(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
        };
        let found = of(&["all/cat/1.png", "all/cat/more/2.png", "all/dog/1.png"]).unwrap();
        assert_eq!(
            (found.classes, found.of_images),
            (vec!["cat".into(), "dog".into()], vec![0, 0, 1])
        );
        assert_eq!(of(&["1.png", "2.png"]), None);
        assert_eq!(of(&["cat/1.png", "cat/2.png"]), None, "one class");
        assert_eq!(of(&["cat/1.png", "dog/2.png", "3.png"]), None, "one outside");
        assert_eq!(of(&[]), None);
    }
}
