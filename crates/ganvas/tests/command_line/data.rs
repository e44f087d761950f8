//! `ganvas data`: reports, conversions, downloads.

use super::{expect, names, run};
use image::{DynamicImage, GrayImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread,
};
use tempfile::TempDir;

/// A folder `mixed` with one image of each mode, a duplicate, a bad file and a text.
fn mixed() -> TempDir {
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("mixed");
    fs::create_dir_all(source.join("more")).unwrap();
    let save = |name: &str, image: DynamicImage| image.save(source.join(name)).unwrap();
    let colour = |x: u32, y: u32| [(x * 10) as u8, (y * 7) as u8, 200];
    let rgb = RgbImage::from_fn(20, 30, |x, y| Rgb(colour(x, y)));
    save("a.png", rgb.clone().into());
    save("more/b.bmp", rgb.into());
    save("c.png", GrayImage::from_pixel(40, 40, Luma([90])).into());
    save("d.png", ImageBuffer::from_pixel(20, 30, Luma([60_000u16])).into());
    let clear = RgbaImage::from_fn(24, 24, |x, y| {
        let [red, green, blue] = colour(x, y);
        Rgba([red, green, blue, (x * 10) as u8])
    });
    save("e.png", clear.into());
    fs::write(source.join("f.png"), "no image").unwrap();
    fs::write(source.join("notes.txt"), "text").unwrap();
    folder
}

#[test]
fn inspect_reports_what_is_there_and_what_training_would_do() {
    let folder = mixed();
    let said = expect(&run(folder.path(), &["data", "inspect", "mixed"]), 0);
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    for part in ["PNG (4), BMP (1)", "RGB (2)", "RGBA (1)", "16-bit (1)", "20x30 (3)"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    for part in ["1 other file", "5 images, 64x64 colour", "f.png: is not a PNG", "--skip-bad"] {
        assert!(said.contains(part), "{part}: {said}");
    }

    let output = run(folder.path(), &["data", "inspect", "mixed", "--size", "96x48", "--json"]);
    expect(&output, 0);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["images"], 5);
    assert_eq!(report["bad"].as_array().unwrap().len(), 1);
    let same = report["duplicates"][0].as_array().unwrap();
    let same: Vec<&str> = same.iter().map(|path| path.as_str().unwrap()).collect();
    assert_eq!(same, ["a.png", "more/b.bmp"]);
    let training = &report["training"];
    assert_eq!((&training["width"], &training["height"]), (&96.into(), &48.into()));
    assert!(!training["notes"].to_string().contains("is refused"), "{training}");

    let said = expect(&run(folder.path(), &["data", "inspect", "mixed", "--size", "30"]), 0);
    assert!(said.contains("is refused at this size: "), "{said}");
}

#[test]
fn inspect_of_nothing_exits_3() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    let said = expect(&run(folder.path(), &["data", "inspect", "missing"]), 3);
    assert!(said.contains("missing: no such"), "{said}");
    expect(&run(folder.path(), &["data", "inspect", "empty"]), 3);
}

#[test]
fn convert_keeps_what_it_was_not_asked_to_change() {
    let folder = mixed();
    let at = |name: &str| folder.path().join(name);
    expect(&run(folder.path(), &["data", "convert", "mixed", "--out", "all", "--skip-bad"]), 0);
    // The bad file, the last but one in order, has a number too.
    let numbers = [0, 1, 2, 3, 5].map(|number| format!("{number:08}.png"));
    assert_eq!(names(&at("all")), numbers);
    for (name, original) in ["a.png", "c.png", "d.png", "e.png", "more/b.bmp"].iter().enumerate() {
        let converted = image::open(at("all").join(&numbers[name])).unwrap();
        assert_eq!(converted, image::open(at("mixed").join(original)).unwrap(), "{original}");
    }
}

#[test]
fn convert_gives_the_same_bytes_every_time() {
    let folder = mixed();
    fs::remove_file(folder.path().join("mixed/f.png")).unwrap();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let form = ["--size", "20x12", "--channels", "4", "--fit", "pad"];
    for out in ["one.zip", "two.zip", "folder"] {
        let arguments = [["data", "convert", "mixed", "--out", out].as_slice(), &form].concat();
        let said = expect(&run(folder.path(), &arguments), 0);
        assert!(said.contains("5 PNG files") && said.contains("train --data"), "{said}");
    }
    assert_eq!(read("one.zip"), read("two.zip"));
    assert_eq!(names(folder.path()), ["folder", "mixed", "one.zip", "two.zip"]);

    let mut zip = zip::ZipArchive::new(fs::File::open(folder.path().join("one.zip")).unwrap());
    let zip = zip.as_mut().unwrap();
    assert_eq!(zip.len(), 5);
    for (index, name) in names(&folder.path().join("folder")).iter().enumerate() {
        let mut entry = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        std::io::copy(&mut entry, &mut bytes).unwrap();
        assert_eq!((entry.name(), &bytes), (name.as_str(), &read(&format!("folder/{name}"))));
    }
}

#[test]
fn converted_images_are_as_transparent_as_they_were() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("clear")).unwrap();
    // Colours of one value survive being resized, multiplied by alpha and divided by it again.
    let image = RgbaImage::from_fn(32, 32, |x, _| Rgba([200, 100, 0, (x * 8) as u8]));
    image.save(folder.path().join("clear/a.png")).unwrap();
    let arguments = ["data", "convert", "clear", "--size", "16", "--channels", "4", "--out", "out"];
    expect(&run(folder.path(), &arguments), 0);
    let converted = image::open(folder.path().join("out/00000000.png")).unwrap().into_rgba8();
    assert_eq!(converted.dimensions(), (16, 16));
    for (x, _, pixel) in converted.enumerate_pixels() {
        let [red, green, blue, alpha] = pixel.0;
        assert!(alpha.abs_diff((x * 16 + 4) as u8) <= 6, "column {x}: {pixel:?}");
        // Kept as multiplied by alpha, a colour is as exact as alpha leaves it room for.
        let near = |found: u8, of: u8| u32::from(found.abs_diff(of)) * u32::from(alpha) <= 2 * 255;
        assert!(near(red, 200) && near(green, 100) && near(blue, 0), "column {x}: {pixel:?}");
    }
}

#[test]
fn convert_overwrites_nothing_and_leaves_nothing_half_done() {
    let folder = mixed();
    let at = |name: &str| folder.path().join(name);
    for name in ["mine.zip", "under-way.zip.partial"] {
        fs::write(at(name), "mine").unwrap();
    }
    for (out, part) in [
        ("under-way.zip", "is of a conversion that is under way"),
        ("mine.zip", "is there already"),
        ("mixed", "is there already"),
        ("mixed/out.zip", "lies in the source"),
        ("no/such/folder.zip", "cannot be written"),
        ("bad.zip", "f.png: is not a PNG"),
        ("bad", "f.png: is not a PNG"),
    ] {
        let said = expect(&run(folder.path(), &["data", "convert", "mixed", "--out", out]), 3);
        assert!(said.contains(part), "{out}: {said}");
    }
    assert_eq!(names(folder.path()), ["mine.zip", "mixed", "under-way.zip.partial"]);
    for name in ["mine.zip", "under-way.zip.partial"] {
        assert_eq!(fs::read(at(name)).unwrap(), b"mine");
    }
    let fit = ["data", "convert", "mixed", "--out", "new", "--fit", "pad"];
    expect(&run(folder.path(), &fit), 2);
    expect(&run(folder.path(), &["data", "convert", "mixed", "--out", "new", "--size", "0"]), 2);
}

#[test]
fn fetch_says_what_every_mirror_did() {
    let folder = TempDir::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mirror = format!("http://{}/mnist/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(&stream).lines().map(Result::unwrap);
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let gone = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(gone).unwrap();
        }
    });
    let arguments = ["data", "fetch", "mnist", "--mirror-url", &mirror];
    let said = expect(&run(folder.path(), &arguments), 3);
    let part = format!("train-images-idx3-ubyte.gz cannot be fetched: {mirror}: answers 404");
    assert!(said.contains(&part), "{said}");
    assert!(names(&folder.path().join("data/mnist")).is_empty());

    let file = folder.path().join("data/mnist/train-images-idx3-ubyte.gz");
    fs::write(&file, "mine").unwrap();
    let said = expect(&run(folder.path(), &arguments), 3);
    assert!(said.contains("it has 4 bytes, not 9912422"), "{said}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");

    let said = expect(&run(folder.path(), &["data", "fetch", "imagenet"]), 2);
    assert!(said.contains("fashion-mnist"), "{said}");
}
