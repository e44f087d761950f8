//! Sources of images in the file system: what is read, what is left out, what is refused.

use flate2::{Compression, write::GzEncoder};
use gan::data::{DataError, Dataset, Problem, files};
use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use std::{fs, io::Write, path::Path};
use tempfile::TempDir;

fn load(folder: &Path) -> Result<Dataset, DataError> {
    files::load(folder.to_str().unwrap(), &mut |_, _| {})
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
    assert_eq!((data.count, data.height, data.width, data.channels), (3, 64, 64, 3));
    let firsts = [0, 1, 2].map(|image| data.image(image).unwrap()[..3].to_vec());
    assert_eq!(firsts, [[255, 255, 255], [50, 50, 50], [0, 0, 255]]);
    let notes = data.notes.join("; ");
    for part in ["1 other files", "1 image cut", "2 images resized to 64x64", "1 image laid over"] {
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
    assert!(matches!(load(&file).unwrap_err().problem, Problem::NotAFolder));

    fs::File::create(&file).unwrap().set_len((64 << 20) + 1).unwrap();
    let large = load(folder.path()).unwrap_err();
    assert!(matches!(large.problem, Problem::FileTooLarge { .. }), "{large}");

    let file = path("train-images-idx3-ubyte");
    fs::write(&file, &idx(&[[1; 4]])[..18]).unwrap();
    let truncated = load(folder.path()).unwrap_err();
    assert!(matches!(truncated.problem, Problem::Truncated { .. }), "{truncated}");
    assert_eq!(truncated.path, file);
}
