//! A run's pictures, as many as a page or an animation can have.

mod shrink;

use crate::{
    exit::InputError,
    record::Record,
    run_directory::{Drawn, RunDirectory},
};
use records::{
    history::History,
    number,
    page::{Picture, spread},
};
use shrink::{LARGEST, shrunk};
use std::fs;

/// Bytes of pictures in a page, those of reals too. As base64 they take a third more, and the page
/// stays below 20 MB.
const MOST_BYTES: u64 = 14_000_000;
/// Pictures in an animation.
const MOST_FRAMES: u64 = 240;

/// The pictures of a page.
pub(crate) struct Pictures {
    /// From the first to the last.
    pub(crate) fakes: Vec<Picture>,
    pub(crate) reals: Option<Picture>,
    /// What is not there, or not as it is in its file.
    pub(crate) notes: Vec<String>,
}

impl Pictures {
    pub(crate) fn for_page(
        run: &RunDirectory,
        record: &Record,
        history: &History,
    ) -> Result<Self, InputError> {
        let mut notes = Vec::new();
        let mut take = |bytes: Vec<u8>, name: &str| {
            let image = shrunk(bytes);
            if let Err(problem) = &image {
                notes.push(format!("{name} is left out: {problem}."));
            }
            image.ok()
        };
        let reals = run.reals()?.and_then(|png| take(png, "The picture of reals"));
        let most = MOST_BYTES.saturating_sub(size(&reals));
        let drawn = run.pictures()?;
        let expected: Vec<u64> = drawn
            .iter()
            .map(|drawn| fs::metadata(&drawn.path).map_or(0, |file| file.len().min(LARGEST)))
            .collect();
        let mut fakes = Vec::new();
        for drawn in spread(&expected, most).into_iter().filter_map(|index| drawn.get(index)) {
            let kimg = kimg(drawn, record, history);
            let caption = caption(drawn, kimg);
            let image = take(drawn.png()?, &format!("The picture of {caption}"));
            fakes.extend(image.map(|image| Picture { caption, kimg, image }));
        }
        // What was expected may be too little.
        let sizes: Vec<u64> = fakes.iter().map(|picture| picture.image.len() as u64).collect();
        let kept = spread(&sizes, most);
        let fakes: Vec<Picture> =
            kept.into_iter().filter_map(|index| fakes.get(index).cloned()).collect();
        if fakes.len() < drawn.len() {
            let (shown, all) = (fakes.len(), drawn.len());
            let why = "a page stays below 20 MB";
            notes.insert(0, format!("It shows {shown} of the run's {all} pictures; {why}."));
        }
        let caption = format!("Some of the {} images it learns from", record.data.images);
        let reals = reals.map(|image| Picture { caption, kimg: None, image });
        Ok(Self { fakes, reals, notes })
    }

    /// The bytes of each picture to show.
    pub(crate) fn for_animation(run: &RunDirectory) -> Result<Vec<Vec<u8>>, InputError> {
        let drawn = run.pictures()?;
        let chosen = spread(&vec![1; drawn.len()], MOST_FRAMES);
        chosen.into_iter().filter_map(|index| drawn.get(index)).map(Drawn::png).collect()
    }
}

fn size(image: &Option<Vec<u8>>) -> u64 {
    image.as_ref().map_or(0, |image| image.len() as u64)
}

/// Thousands of images that the run had seen at a picture, where that can be told.
fn kimg(drawn: &Drawn, record: &Record, history: &History) -> Option<f64> {
    match (drawn.step, &record.parent) {
        (None, None) => Some(0.0),
        (Some(step), None) => Some(step as f64 * record.batch as f64 / 1000.0),
        (None, Some(_)) => None,
        // A run that this one began from may have had another batch.
        (Some(step), Some(_)) => {
            let mut lines = history.number("step").iter();
            lines.find(|line| line.value == step as f64).map(|line| line.kimg)
        }
    }
}

fn caption(drawn: &Drawn, kimg: Option<f64>) -> String {
    match (drawn.step, kimg) {
        (None, _) => "before the first step".to_owned(),
        (Some(step), Some(kimg)) => format!("{} kimg, step {step}", number(kimg)),
        (Some(step), None) => format!("step {step}"),
    }
}
