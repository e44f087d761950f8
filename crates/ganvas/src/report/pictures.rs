//! A run's pictures, as many as a page or an animation can have.

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
use std::fs;

/// Bytes of pictures in a page. As base64 they take a third more, and the page stays below 20 MB.
const MOST_BYTES: u64 = 14_500_000;
/// Pictures in an animation.
const MOST_FRAMES: u64 = 240;

/// The pictures of a page.
pub(crate) struct Pictures {
    /// From the first to the last.
    pub(crate) fakes: Vec<Picture>,
    pub(crate) reals: Option<Picture>,
    /// That some are not there, if so.
    pub(crate) left_out: Option<String>,
}

impl Pictures {
    pub(crate) fn for_page(
        run: &RunDirectory,
        record: &Record,
        history: &History,
    ) -> Result<Self, InputError> {
        let reals = run.reals()?.map(|png| {
            let caption = format!("Some of the {} images it learns from", record.data.images);
            Picture { caption, kimg: None, png }
        });
        let bytes_of_reals = reals.as_ref().map_or(0, |reals| reals.png.len() as u64);
        let drawn = run.pictures()?;
        let sizes: Vec<u64> = drawn
            .iter()
            .map(|drawn| fs::metadata(&drawn.path).map_or(0, |metadata| metadata.len()))
            .collect();
        let chosen = spread(&sizes, MOST_BYTES.saturating_sub(bytes_of_reals));
        let left_out = (chosen.len() < drawn.len()).then(|| {
            let (chosen, all) = (chosen.len(), drawn.len());
            format!("It shows {chosen} of the run's {all} pictures, to stay below 20 MB.")
        });
        let fakes = chosen.iter().filter_map(|&index| drawn.get(index)).map(|drawn| {
            let kimg = kimg(drawn, record, history);
            Ok(Picture { caption: caption(drawn, kimg), kimg, png: drawn.png()? })
        });
        let fakes = fakes.collect::<Result<Vec<Picture>, InputError>>()?;
        Ok(Self { fakes, reals, left_out })
    }

    /// The bytes of each picture to show.
    pub(crate) fn for_animation(run: &RunDirectory) -> Result<Vec<Vec<u8>>, InputError> {
        let drawn = run.pictures()?;
        let chosen = spread(&vec![1; drawn.len()], MOST_FRAMES);
        chosen.into_iter().filter_map(|index| drawn.get(index)).map(Drawn::png).collect()
    }
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
