//! A run as a page, as an animation and as TensorBoard's events.

mod browser;
mod events;

use super::{expect, names, run, train};
use browser::{Scheme, Seen, dump, look};
use image::{AnimationDecoder, codecs::gif::GifDecoder};
use std::{fs, io::Cursor, path::Path};
use tempfile::TempDir;

const RUN: &str = "runs/00000-digits-dcgan28-small";

/// A run with four pictures and six lines.
fn small_run(folder: &Path) {
    expect(&train(folder, &["--kimg", "0.012", "--snap", "0.004"]), 0);
}

fn report(folder: &Path, more: &[&str]) -> String {
    expect(&run(folder, &[&["report", RUN], more].concat()), 0)
}

fn page(folder: &Path) -> String {
    fs::read_to_string(folder.join(RUN).join("report.html")).unwrap()
}

#[test]
fn a_report_is_a_page_in_the_runs_folder() {
    let folder = TempDir::new().unwrap();
    small_run(folder.path());
    let said = report(folder.path(), &[]);
    assert!(said.contains("report.html: 4 pictures, 6 lines of the log"), "{said}");
    let html = page(folder.path());
    for part in [
        "<h1>00000-digits-dcgan28-small</h1>",
        "dcgan28-small on digits: 10000 images, 28x28 grey",
        "all 0.0120 kimg done",
        "<td>seed</td><td>1</td>",
        "<td>0</td><td>CPU reference",
        "before the first step",
        "0.0120 kimg, step 6",
        "Some of the 10000 images",
    ] {
        assert!(html.contains(part), "{part}: {}", without_pictures(&html));
    }
    assert_eq!(html.matches("data:image/png;base64,iVBORw0KGgo").count(), 5);
    // A second one takes the place of the first.
    report(folder.path(), &[]);
    let latest = run(folder.path(), &["report", "latest", "--out", "a.html"]);
    expect(&latest, 0);
    assert_eq!(fs::read_to_string(folder.path().join("a.html")).unwrap().len(), html.len());
}

fn without_pictures(html: &str) -> String {
    let lines = html.lines().filter(|line| !line.contains("base64"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_page_works_on_a_laptop_and_on_a_phone() {
    let folder = TempDir::new().unwrap();
    small_run(folder.path());
    report(folder.path(), &[]);
    let html = page(folder.path());
    let scheme = |width| if width < 500 { Scheme::Dark } else { Scheme::Light };
    for width in [1280, 390, 320] {
        let Some(seen) = look(&html, width, scheme(width)) else { return };
        let Seen { script, overflow, slider, charts, shown, caption, chosen, marks, ground } = seen;
        assert_eq!((script.as_str(), slider, charts), ("ready", 3, 10), "{width}");
        assert_eq!(overflow, 0, "the page is wider than the {width} pixels of the window");
        // The last picture at first, the first one once the slider is there, always one.
        assert_eq!((caption.as_str(), shown), ("0.0120 kimg, step 6", 1), "{width}");
        assert_eq!((chosen.as_str(), marks), ("before the first step, 1 shown", 10), "{width}");
        let expected = if width < 500 { "rgb(20, 21, 24)" } else { "rgb(246, 246, 243)" };
        assert_eq!(ground, expected, "{width}");
    }
}

#[test]
fn a_page_without_scripts_shows_the_last_picture_and_every_curve() {
    let folder = TempDir::new().unwrap();
    small_run(folder.path());
    report(folder.path(), &[]);
    let path = folder.path().join(RUN).join("report.html");
    // A policy without scripts is as a browser without them.
    let html = page(folder.path()).replace("script-src", "x-script-src");
    fs::write(&path, html).unwrap();
    let Some(dom) = dump(&path) else { return };
    assert!(!dom.contains("data-script"), "the script ran");
    assert_eq!(dom.matches("<polyline").count(), 17);
    let controls = dom.lines().find(|line| line.contains("class=\"controls\""));
    assert!(controls.unwrap().contains(" hidden"), "{}", without_pictures(&dom));
    let shown = dom.matches("<img").count() - dom.matches("hidden=\"\">").count() + 1;
    assert_eq!(shown, 2, "one of what it draws and one of reals");
}

#[test]
fn a_run_in_progress_has_a_page() {
    let folder = TempDir::new().unwrap();
    small_run(folder.path());
    let run_folder = folder.path().join(RUN);
    let stats = fs::read_to_string(run_folder.join("stats.jsonl")).unwrap();
    let mut lines: Vec<&str> = stats.lines().take(2).collect();
    lines.push("{\"step\":3,\"kim");
    fs::write(run_folder.join("stats.jsonl"), lines.join("\n")).unwrap();
    assert!(report(folder.path(), &[]).contains("4 pictures, 2 lines"));
    let html = page(folder.path());
    assert!(html.contains("0.00400 of 0.0120 kimg") && html.contains("left to 0.0120 kimg"));

    for name in names(&run_folder).iter().filter(|name| name.ends_with(".png")) {
        fs::remove_file(run_folder.join(name)).unwrap();
    }
    fs::remove_file(run_folder.join("stats.jsonl")).unwrap();
    assert!(report(folder.path(), &[]).contains("0 pictures, 0 lines"));
    let html = page(folder.path());
    assert!(html.contains("has drawn no picture yet") && html.contains("has no line yet"));
    let said = expect(&run(folder.path(), &["report", RUN, "--gif", "a.gif"]), 3);
    assert!(said.contains("has no pictures yet"), "{said}");
    assert!(!folder.path().join("a.gif").exists());
}

#[cfg(unix)]
#[test]
fn hostile_names_and_numbers_stay_text() {
    let folder = TempDir::new().unwrap();
    let hostile = "<img src=x onerror=\"document.title='taken'\"><script>'&";
    let data = folder.path().join(hostile);
    fs::create_dir(&data).unwrap();
    let header = [0x803_u32, 4, 28, 28].map(u32::to_be_bytes).concat();
    fs::write(data.join("train-images-idx3-ubyte"), [header, vec![9; 4 * 784]].concat()).unwrap();
    expect(&train(folder.path(), &["--data", data.to_str().unwrap(), "--kimg", "0.002"]), 0);
    let run_folder = folder.path().join("runs").join(&names(&folder.path().join("runs"))[0]);
    let line = serde_json::json!({"step": 2, "kimg": 0.004, hostile: 1, "verdict": hostile});
    let stats = fs::read_to_string(run_folder.join("stats.jsonl")).unwrap();
    fs::write(run_folder.join("stats.jsonl"), format!("{stats}{line}\n")).unwrap();
    expect(&run(folder.path(), &["report", "latest", "--out", "page.html"]), 0);

    let html = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(html.contains("&#60;img src=x onerror"), "the name is on the page");
    assert_eq!(html.matches("<script").count(), 1);
    let Some(dom) = dump(&folder.path().join("page.html")) else { return };
    assert!(dom.contains("data-script=\"ready\"") && !dom.contains("<title>taken"));
}

#[test]
fn a_gif_has_every_picture_in_its_order() {
    let folder = TempDir::new().unwrap();
    small_run(folder.path());
    let said = report(folder.path(), &["--gif", "fakes.gif"]);
    assert!(said.contains("fakes.gif: 4 pictures"), "{said}");
    let gif = fs::read(folder.path().join("fakes.gif")).unwrap();
    let decoder = GifDecoder::new(Cursor::new(gif)).unwrap();
    let frames = decoder.into_frames().collect_frames().unwrap();
    let files = ["init", "00000002", "00000004", "00000006"];
    assert_eq!(frames.len(), files.len());
    for (frame, file) in frames.iter().zip(files) {
        let file = folder.path().join(RUN).join(format!("fakes-{file}.png"));
        let expected = image::open(&file).unwrap().into_rgba8();
        assert!(*frame.buffer() == expected, "{} is not exact", file.display());
    }
}

#[test]
fn what_is_no_run_or_no_file_to_write_is_refused() {
    let folder = TempDir::new().unwrap();
    let refused = |arguments: &[&str], code: i32, part: &str| {
        let said = expect(&run(folder.path(), arguments), code);
        assert!(said.contains(part), "{part}: {said}");
    };
    refused(&["report"], 2, "<RUN>");
    refused(&["report", "nowhere"], 3, "nowhere: is not the folder of a run");
    refused(&["report", "latest"], 3, "runs");
    small_run(folder.path());
    fs::create_dir(folder.path().join("folder")).unwrap();
    refused(&["report", RUN, "--out", "folder"], 3, "--out needs a file such as report.html");
    refused(&["report", RUN, "--gif", "folder"], 3, "--gif needs a file such as fakes.gif");
    refused(&["report", RUN, "--out", "a.html", "--gif", "a.html"], 3, "by --out and by --gif");
    let stats = format!("{RUN}/stats.jsonl");
    refused(&["report", RUN, "--out", &stats], 3, "--out needs another file");
    let checkpoint = format!("{RUN}/checkpoints/00000002.safetensors");
    refused(&["report", &checkpoint], 3, &format!("it is a file of {RUN}"));
    assert_eq!(names(folder.path()), ["folder", "runs"]);
    let torn = folder.path().join(RUN).join("fakes-00000004.png");
    fs::write(&torn, "no picture").unwrap();
    refused(&["report", RUN, "--gif", "a.gif"], 3, "picture 3 is no PNG");
}

/// Pictures that no format makes small.
#[test]
fn a_page_of_large_pictures_stays_small_and_has_its_slider() {
    let folder = TempDir::new().unwrap();
    small_run(folder.path());
    let noise = |seed: u32| {
        image::RgbImage::from_fn(1700, 1700, |x, y| {
            let mixed = (x * 7919 + y * 104_729 + seed * 15_485_863).wrapping_mul(2_654_435_761);
            image::Rgb([24, 16, 8].map(|shift| (mixed >> shift) as u8))
        })
    };
    let run_folder = folder.path().join(RUN);
    for step in 10..24 {
        noise(step).save(run_folder.join(format!("fakes-{step:08}.png"))).unwrap();
    }
    noise(9).save(run_folder.join("reals.png")).unwrap();
    fs::write(run_folder.join("fakes-00000030.png"), "").unwrap();
    fs::create_dir(run_folder.join("fakes-00000099.png")).unwrap();
    let said = report(folder.path(), &[]);
    let html = page(folder.path());
    assert!(html.len() < 20_000_000, "{}", html.len());
    let shown = html.matches("<img").count() - 1;
    assert!((8..=18).contains(&shown), "{said}");
    assert!(html.contains("type=\"range\"") && html.contains("data:image/jpeg"));
    assert!(html.contains("step 30 is left out: "), "{}", without_pictures(&html));
}
