//! The pictures that `ganvas sample` draws.

use super::{expect, names, run, train};
use image::{
    AnimationDecoder, DynamicImage, GrayImage, Luma, codecs::gif::GifDecoder, metadata::LoopCount,
};
use std::{fs, io::Cursor, path::Path, time::Duration};
use tempfile::TempDir;

const RUN: &str = "runs/00000-digits-dcgan28-small";

fn trained() -> TempDir {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.004"]), 0);
    folder
}

fn sample(folder: &Path, code: i32, arguments: &[&str]) -> String {
    let arguments = [&["sample", RUN, "--device", "cpu"], arguments].concat();
    expect(&run(folder, &arguments), code)
}

fn picture(path: &Path) -> DynamicImage {
    image::load_from_memory(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn each_picture_has_a_file_of_its_own_and_none_is_replaced() {
    let folder = trained();
    let at = |name: &str| folder.path().join(name);
    let said = sample(folder.path(), 0, &["--seeds", "5,3,5-6", "--each", "fakes"]);
    assert!(said.contains("fakes: 3 PNG files"), "{said}");
    assert_eq!(names(&at("fakes")), ["00000003.png", "00000005.png", "00000006.png"]);
    sample(folder.path(), 0, &["--seeds", "5", "--each", "alone"]);
    let five = fs::read(at("fakes/00000005.png")).unwrap();
    assert!(five == fs::read(at("alone/00000005.png")).unwrap(), "whatever else is asked for");
    assert!(five != fs::read(at("fakes/00000006.png")).unwrap());
    assert!(
        matches!(picture(&at("alone/00000005.png")), DynamicImage::ImageLuma8(image) if image.dimensions() == (28, 28))
    );

    // Another seed goes beside them; one of theirs is refused before anything is drawn.
    sample(folder.path(), 0, &["--seeds", "7", "--each", "alone"]);
    fs::write(at("alone/00000009.png"), "mine").unwrap();
    let said = sample(folder.path(), 3, &["--seeds", "8-9", "--each", "alone"]);
    assert!(said.contains("00000009.png: is there already"), "{said}");
    assert_eq!(names(&at("alone")).len(), 3);
    assert_eq!(fs::read(at("alone/00000009.png")).unwrap(), b"mine");
    sample(folder.path(), 3, &["--each", "alone/00000005.png"]);
    sample(folder.path(), 2, &["--each", "more", "--out", "grid.png"]);
}

#[test]
fn truncation_moves_latents_to_their_mean() {
    let folder = trained();
    let drawn = |seeds: &str, more: &[&str]| {
        sample(folder.path(), 0, &[&["--seeds", seeds, "--out", "a.png"], more].concat());
        fs::read(folder.path().join("a.png")).unwrap()
    };
    assert!(drawn("1", &[]) == drawn("1", &["--truncation", "1"]));
    assert!(drawn("1", &[]) != drawn("1", &["--truncation", "0.5"]));
    assert!(drawn("1", &["--truncation", "0"]) == drawn("2", &["--truncation", "0"]));
    assert!(drawn("1", &["--truncation", "0.5"]) != drawn("2", &["--truncation", "0.5"]));
    let said = sample(folder.path(), 2, &["--truncation", "-1"]);
    assert!(said.contains("needs a number from 0 to 2"), "{said}");
}

#[test]
fn sums_of_seeds_stand_behind_the_seeds() {
    let folder = trained();
    let at = |name: &str| folder.path().join(name);
    let arguments = ["--seeds", "7", "--mix", "7-3+3, 3 - 7,-7", "--each", "sums"];
    sample(folder.path(), 0, &arguments);
    assert_eq!(names(&at("sums")), ["-7.png", "00000007.png", "3-7.png", "7-3+3.png"]);
    let of = |name: &str| fs::read(at("sums").join(name)).unwrap();
    assert!(of("7-3+3.png") == of("00000007.png"));
    assert!(of("-7.png") != of("00000007.png") && of("3-7.png") != of("00000007.png"));
    // Without seeds there are sums alone.
    for (arguments, pictures) in [
        (["--mix", "1+2", "--truncation", "1"].as_slice(), 1),
        (&["--mix", "-1", "--seeds", "0-3"], 5),
    ] {
        let said = sample(folder.path(), 0, arguments);
        assert!(said.contains(&format!(": {pictures} pictures")), "{said}");
    }
    for (mix, part) in [("7-7", "nothing is left of `7-7`"), ("7*2", "`7*2` in `7*2` is no seed")] {
        let said = sample(folder.path(), 2, &["--mix", mix]);
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_film_goes_through_its_seeds_and_back() {
    let folder = trained();
    let at = |name: &str| folder.path().join(name);
    let film = |out: &str, more: &[&str]| {
        let arguments = ["--interpolate", "3,8,5", "--frames", "4", "--out", out];
        sample(folder.path(), 0, &[arguments.as_slice(), more].concat())
    };
    let said = film("a.gif", &[]);
    assert!(said.contains("a.gif: 12 frames"), "{said}");
    film("frames", &[]);
    assert_eq!(names(&at("frames")).len(), 12);
    sample(folder.path(), 0, &["--seeds", "3,8,5", "--each", "seeds"]);
    for (frame, seed) in [(0, 3), (4, 8), (8, 5)] {
        let frame = fs::read(at(&format!("frames/frame-{frame:05}.png"))).unwrap();
        let seed = fs::read(at(&format!("seeds/{seed:08}.png"))).unwrap();
        assert!(frame == seed, "the way goes through the seeds themselves");
    }
    let decoder = GifDecoder::new(Cursor::new(fs::read(at("a.gif")).unwrap())).unwrap();
    assert!(matches!(decoder.loop_count(), LoopCount::Infinite));
    let frames = decoder.into_frames().collect_frames().unwrap();
    assert_eq!(frames.len(), 12);
    for (number, frame) in frames.iter().enumerate() {
        let single = picture(&at(&format!("frames/frame-{number:05}.png"))).into_rgba8();
        assert_eq!(Duration::from(frame.delay()), Duration::from_millis(50));
        assert_eq!(frame.buffer().dimensions(), (224, 224));
        for (x, y, pixel) in frame.buffer().enumerate_pixels() {
            assert_eq!(pixel, single.get_pixel(x / 8, y / 8), "frame {number} at {x}, {y}");
        }
    }
    let said = sample(folder.path(), 0, &["--interpolate", "1-2", "--frames", "1"]);
    assert!(said.contains("sample-00000.gif: 2 frames"), "{said}");

    let refused = |code: i32, arguments: &[&str], part: &str| {
        let said = sample(folder.path(), code, arguments);
        assert!(said.contains(part), "{part}: {said}");
    };
    refused(3, &["--interpolate", "1,2", "--out", "frames"], "frame-00000.png: is there already");
    refused(2, &["--interpolate", "1,2", "--out", "a.mp4"], "a file that ends in .gif");
    refused(2, &["--interpolate", "1"], "needs two seeds or more");
    refused(2, &["--interpolate", "0-99", "--frames", "101"], "10000 is the most");
    refused(2, &["--interpolate", "1,2", "--seeds", "3"], "cannot be used with");
    refused(2, &["--frames", "3"], "--interpolate");
}

/// The first pictures of a run are a function of its seed, so that one can be among what it learns
/// from.
#[test]
fn a_memorised_image_is_found() {
    let folder = trained();
    let at = |name: &str| folder.path().join(name);
    let first_pictures = |name: &str, code: i32, arguments: &[&str]| {
        let checkpoint = format!("runs/{name}/checkpoints/00000000.safetensors");
        let sample = ["sample", &checkpoint, "--device", "cpu", "--seeds", "4,5"];
        expect(&run(folder.path(), &[sample.as_slice(), arguments].concat()), code)
    };
    first_pictures("00000-digits-dcgan28-small", 0, &["--each", "images"]);
    fs::remove_file(at("images/00000004.png")).unwrap();
    for (name, level) in [("00000001.png", 0), ("00000002.png", 100), ("00000003.png", 255)] {
        GrayImage::from_pixel(28, 28, Luma([level])).save(at("images").join(name)).unwrap();
    }
    expect(&train(folder.path(), &["--data", "images", "--kimg", "0.002"]), 0);
    let compare =
        |code: i32, more: &[&str]| first_pictures("00001-images-dcgan28-small", code, more);
    let said = compare(0, &["--nearest=2", "--out", "a.png"]);
    assert!(said.contains("the nearest of 4 training images"), "{said}");
    assert!(said.contains("at least 0.00 (seed 5 and image 3)"), "{said}");
    assert!(said.contains("From those images to the nearest other: "), "{said}");
    // Two strips of three images, one above the other.
    let compared = picture(&at("a.png"));
    assert_eq!((compared.width(), compared.height()), (3 * (224 + 2) + 2, 2 * 224 + 12 + 4));
    let compared = compared.into_rgb8();
    let tile = |strip: u32, place: u32| {
        let (left, top) = (2 + place * 226, 2 + strip * 236);
        let inside = (0..28).flat_map(move |y| (0..28).map(move |x| (left + 8 * x, top + 8 * y)));
        inside.map(|(x, y)| compared.get_pixel(x, y).0[0]).collect::<Vec<u8>>()
    };
    assert!(tile(1, 0) == tile(1, 1), "the copy stands beside its original");
    assert!(tile(0, 0) != tile(0, 1));
    compare(2, &["--nearest", "--each", "more"]);
    compare(2, &["--nearest=0"]);

    // Images that moved, and others.
    fs::rename(at("images"), at("moved")).unwrap();
    let said = compare(3, &["--nearest"]);
    assert!(said.contains("no such file or folder"), "{said}");
    compare(0, &["--nearest", "--data", "moved"]);
    let said = compare(2, &["--nearest", "--data", "digits"]);
    assert!(said.contains("--data names where those are"), "{said}");
    GrayImage::from_pixel(28, 28, Luma([9])).save(at("moved/00000001.png")).unwrap();
    let said = compare(2, &["--nearest", "--data", "moved"]);
    assert!(said.contains("moved are not those that the run began with"), "{said}");

    // A checkpoint that lies in no run knows no data.
    fs::copy(at(RUN).join("checkpoints/00000000.safetensors"), at("lone.safetensors")).unwrap();
    let arguments = ["sample", "lone.safetensors", "--device", "cpu", "--nearest"];
    let said = expect(&run(folder.path(), &arguments), 3);
    assert!(said.contains("lies in no run's checkpoints folder"), "{said}");
}

#[test]
fn what_cannot_be_drawn_is_refused_before_it_is() {
    let folder = trained();
    let refused = |code: i32, arguments: &[&str], part: &str| {
        let said = sample(folder.path(), code, arguments);
        assert!(said.contains(part), "{part}: {said}");
    };
    for name in ["a.jpg", "a.gif"] {
        refused(2, &["--out", name], "end the name with .png");
    }
    let checkpoint = format!("{RUN}/checkpoints/00000002.safetensors");
    let before = fs::read(folder.path().join(&checkpoint)).unwrap();
    fs::copy(folder.path().join(&checkpoint), folder.path().join("a.png")).unwrap();
    let arguments = ["sample", "a.png", "--device", "cpu", "--out", "./a.png"];
    let said = expect(&run(folder.path(), &arguments), 3);
    assert!(said.contains("--out needs another file"), "{said}");
    assert!(fs::read(folder.path().join("a.png")).unwrap() == before);
    let nearest = ["sample", "a.png", "--device", "cpu", "--nearest"];
    let said = expect(&run(folder.path(), &nearest), 3);
    assert!(said.contains("--nearest needs a run or its checkpoint"), "{said}");
    let sum = ["123456789"; 30].join("+");
    refused(2, &["--mix", &sum, "--each", "sums"], "is too long for the name of a file");
    let wide = ["--seeds", "0-9999", "--nearest=20", "--out", "wide.png"];
    refused(2, &wide, "16384 x 16384 is the most");
    assert_eq!(names(folder.path()), ["a.png", "runs"]);
    let said = expect(&run(folder.path(), &["sample", "latest", "--device", "cpu"]), 0);
    assert!(said.contains("00000002.safetensors (step 2)"), "{said}");
    let said = expect(&run(folder.path(), &["sample", "runs", "--device", "cpu"]), 3);
    assert!(said.contains("it holds runs, such as runs/00000"), "{said}");
}
