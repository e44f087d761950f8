//! Sources of images in the file system: what is read, what is left out, what is refused.

use flate2::{Compression, write::GzEncoder};
use gan::data::{Cache, DataError, Dataset, Fit, Preparation, Problem, files};
use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use std::{fs, io::Write, path::Path};
use tempfile::TempDir;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fn load(source: &Path) -> Result<Dataset, DataError> {
    load_as(source, &Preparation::default())
}

fn load_as(source: &Path, preparation: &Preparation) -> Result<Dataset, DataError> {
    files::load(source.to_str().unwrap(), preparation, &Cache::none(), &|_, _| {})
}

fn shape(data: &Dataset) -> [usize; 4] {
    [data.count, data.height, data.width, data.channels]
}

fn idx(images: &[[u8; 4]]) -> Vec<u8> {
    let header = [0x803_u32, images.len() as u32, 2, 2].map(u32::to_be_bytes).concat();
    [header, images.concat()].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn save(image: impl Into<DynamicImage>, path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    image.into().save(path).unwrap();
}

#[test]
fn the_training_images_of_a_folder_of_idx_files_are_taken() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("t10k-images-idx3-ubyte"), idx(&[[1; 4]])).unwrap();
    assert_eq!(load(folder.path()).unwrap().count, 1);
    fs::write(path("train-images-idx3-ubyte.gz"), gzip(&idx(&[[2; 4], [3; 4]]))).unwrap();
    fs::write(path("train-labels-idx1-ubyte.gz"), b"labels are not read").unwrap();
    let data = load(folder.path()).unwrap();
    assert_eq!(data.count, 2);
    let note = &data.notes[0];
    assert!(note.contains("train-images-idx3-ubyte.gz"), "{note}");
}

#[test]
fn images_of_every_kind_in_folders_of_folders_are_read_in_order() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    save(GrayImage::from_pixel(10, 30, Luma([50])), &path("b/tall.PNG"));
    save(RgbImage::from_pixel(64, 64, Rgb([0, 0, 255])), &path("c/deep/blue.bmp"));
    save(RgbaImage::from_pixel(80, 80, Rgba([0, 0, 0, 0])), &path("a.webp"));
    fs::write(path("notes.txt"), "not an image").unwrap();
    fs::write(path("._a.webp"), "left by another system").unwrap();

    let data = load(folder.path()).unwrap();
    assert_eq!(shape(&data), [3, 64, 64, 3]);
    let firsts = [0, 1, 2].map(|image| data.image(image).unwrap()[..3].to_vec());
    assert_eq!(firsts, [[255, 255, 255], [50, 50, 50], [0, 0, 255]]);
    let notes = data.notes.join("; ");
    for part in ["1 other file", "1 image cut", "2 images resized to 64x64", "1 image laid over"] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed() {
    let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let real = elsewhere.path().join("real.png");
    save(GrayImage::new(28, 28), &real);
    std::os::unix::fs::symlink(&real, folder.path().join("link.png")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    let error = load(folder.path()).unwrap_err();
    assert!(matches!(error.problem, Problem::NoImages { files: 0, links: 2 }), "{error}");
    save(GrayImage::new(28, 28), &folder.path().join("own.png"));
    assert_eq!(load(folder.path()).unwrap().count, 1);
}

#[test]
fn what_is_wrong_is_said_with_its_path() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);

    let missing = load(&path("missing")).unwrap_err();
    assert!(matches!(missing.problem, Problem::Missing), "{missing}");
    assert!(missing.to_string().contains("missing"));

    let empty = load(folder.path()).unwrap_err();
    assert!(matches!(empty.problem, Problem::NoImages { .. }), "{empty}");
    assert!(empty.to_string().starts_with(folder.path().to_str().unwrap()));

    let file = path("broken.png");
    fs::write(&file, b"\x89PNG\r\n\x1a\n and no more").unwrap();
    let broken = load(folder.path()).unwrap_err();
    assert!(matches!(broken.problem, Problem::Undecodable(_)), "{broken}");
    assert_eq!(broken.path, file);

    fs::write(&file, b"text").unwrap();
    let text = load(folder.path()).unwrap_err();
    assert!(matches!(text.problem, Problem::NotAnImage), "{text}");
    assert!(matches!(load(&file).unwrap_err().problem, Problem::NotASource));

    fs::File::create(&file).unwrap().set_len((64 << 20) + 1).unwrap();
    let large = load(folder.path()).unwrap_err();
    assert!(matches!(large.problem, Problem::FileTooLarge { .. }), "{large}");

    let file = path("train-images-idx3-ubyte");
    fs::write(&file, &idx(&[[1; 4]])[..18]).unwrap();
    let truncated = load(folder.path()).unwrap_err();
    assert!(matches!(truncated.problem, Problem::Truncated { .. }), "{truncated}");
    assert_eq!(truncated.path, file);
}

/// Grey small, grey large, coloured and transparent images in every order: each is decoded once,
/// and those before the first of another kind are widened.
#[test]
fn the_order_of_kinds_changes_nothing_but_the_order() {
    let kinds: [DynamicImage; 4] = [
        GrayImage::from_fn(28, 28, |x, y| Luma([(x * y) as u8])).into(),
        GrayImage::from_fn(50, 40, |x, y| Luma([(x + y) as u8])).into(),
        RgbImage::from_fn(28, 28, |x, y| Rgb([x as u8, y as u8, 9])).into(),
        RgbaImage::from_fn(64, 64, |x, y| Rgba([x as u8, 0, 0, y as u8])).into(),
    ];
    let load_in = |order: [usize; 4], channels| {
        let folder = TempDir::new().unwrap();
        for (place, kind) in order.into_iter().enumerate() {
            save(kinds[kind].clone(), &folder.path().join(format!("{place}.png")));
        }
        let preparation = Preparation { channels, ..Preparation::default() };
        let data = load_as(folder.path(), &preparation).unwrap();
        let mut images = vec![Vec::new(); 4];
        for (place, kind) in order.into_iter().enumerate() {
            images[kind] = data.image(place).unwrap();
        }
        (shape(&data), images, data.notes)
    };
    for channels in [None, Some(1), Some(3), Some(4)] {
        let first = load_in([0, 1, 2, 3], channels);
        assert_eq!(first.0, [4, 64, 64, channels.unwrap_or(3)]);
        for order in [[3, 2, 1, 0], [1, 0, 3, 2], [0, 2, 1, 3], [2, 0, 1, 3]] {
            assert!(load_in(order, channels) == first, "{order:?} with {channels:?} channels");
        }
    }
}

#[test]
fn asked_for_size_channels_and_fit_are_given_and_told() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    save(RgbImage::from_pixel(200, 50, Rgb([200, 0, 0])), &path("wide.png"));
    save(RgbaImage::from_pixel(96, 48, Rgba([0, 200, 0, 128])), &path("fits.png"));
    let preparation = |channels, fit| Preparation {
        size: Some([48, 96]),
        channels: Some(channels),
        fit,
        ..Preparation::default()
    };
    let data = load_as(folder.path(), &preparation(4, Fit::Crop)).unwrap();
    assert_eq!(shape(&data), [2, 48, 96, 4]);
    assert_eq!(data.image(0).unwrap(), [0, 100, 0, 128].repeat(48 * 96));
    let cut = "1 image cut to the centre, 96:48";
    let resized = "1 image resized to 96x48";
    assert_eq!(data.notes, [cut, resized, "1 image opaque as a whole"]);

    let data = load_as(folder.path(), &preparation(1, Fit::Pad)).unwrap();
    assert_eq!(shape(&data), [2, 48, 96, 1]);
    assert_eq!(data.image(1).unwrap()[..12 * 96], [255; 12 * 96], "24 of 48 rows are bars");
    let whole = "1 image kept whole, with white bars";
    let luma = "all images turned grey by their luma";
    assert_eq!(data.notes, [whole, resized, "1 image laid over white", luma]);
}

#[test]
fn a_zip_is_read_as_its_folder_is() {
    let folder = TempDir::new().unwrap();
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (number, name) in ["b/2.png", "a.bmp", "b/1.gif", "c/d/e.webp"].into_iter().enumerate() {
        let path = folder.path().join("images").join(name);
        save(RgbImage::from_pixel(20, 30, Rgb([number as u8 * 60, 0, 99])), &path);
        let method = [CompressionMethod::Stored, CompressionMethod::Deflated][number % 2];
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(name, options).unwrap();
        archive.write_all(&fs::read(path).unwrap()).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    let zip = folder.path().join("images.zip");
    fs::write(&zip, &bytes).unwrap();
    let [from_zip, from_folder] = [&zip, &folder.path().join("images")].map(|s| load(s).unwrap());
    assert_eq!(from_zip.checksum(), from_folder.checksum());
    assert_eq!((from_zip.name.as_str(), from_zip.count), ("images", 4));

    // The name of the entry, where one is damaged.
    let place = bytes.windows(4).position(|four| four == b"GIF8").unwrap();
    let mut damaged = bytes.clone();
    damaged[place] ^= 1;
    fs::write(&zip, damaged).unwrap();
    let error = load(&zip).unwrap_err().to_string();
    assert!(error.contains("images.zip: b/1.gif: is a damaged zip"), "{error}");
    fs::write(&zip, &bytes[..bytes.len() / 2]).unwrap();
    let error = load(&zip).unwrap_err();
    assert!(matches!(error.problem, Problem::Zip(_)), "{error}");
}

#[test]
fn cifar_10_is_read_from_its_archive_and_its_folder() {
    let folder = TempDir::new().unwrap();
    let record = |label: u8| [vec![label], vec![label * 20; 3072]].concat();
    let mut builder = tar::Builder::new(Vec::new());
    let batches = folder.path().join("cifar-10-batches-bin");
    fs::create_dir(&batches).unwrap();
    for (name, labels) in [("data_batch_1.bin", [1, 2]), ("test_batch.bin", [3, 4])] {
        let bytes = labels.map(record).concat();
        fs::write(batches.join(name), &bytes).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, format!("batches/{name}"), &bytes[..]).unwrap();
    }
    let archive = folder.path().join("cifar-10-binary.tar.gz");
    fs::write(&archive, gzip(&builder.into_inner().unwrap())).unwrap();
    let preparation =
        Preparation { size: Some([32, 32]), channels: Some(3), ..Preparation::default() };
    for source in [archive.as_path(), &batches, folder.path(), &batches.join("data_batch_1.bin")] {
        let data = load_as(source, &preparation).unwrap();
        assert_eq!(shape(&data), [2, 32, 32, 3], "{}", source.display());
        assert_eq!(data.image(1).unwrap(), [40; 3072]);
        assert_eq!(data.notes[0], "read from data_batch_1.bin");
    }
}

#[test]
fn one_idx_file_is_a_source() {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in
        [("any-name", idx(&[[1; 4], [2; 4]])), ("other.gz", gzip(&idx(&[[1; 4], [2; 4]])))]
    {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        assert_eq!(shape(&load(&path).unwrap()), [2, 64, 64, 1]);
    }
}
