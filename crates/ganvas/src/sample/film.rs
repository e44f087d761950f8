//! From seed to seed, as a GIF or a folder of frames.

use super::{
    Artist,
    new_files::{NewFolder, check_picture, write_picture},
};
use crate::{
    args::SampleArguments,
    exit::UsageError,
    output::{answer, say},
    seeds::Seeds,
};
use gan::{
    picture::{Animation, image_png},
    sampling::{Latents, SAMPLING_BATCH, closed_way, latents},
};
use std::{path::Path, time::Duration};

const FRAME_TIME: Duration = Duration::from_millis(50);
const USUAL_FRAMES: u16 = 30;
const MOST_FRAMES: usize = 10_000;

/// Draws the way through all seeds and back to the first.
pub(super) async fn film(
    arguments: &SampleArguments,
    seeds: &Seeds,
    mut artist: Artist,
) -> anyhow::Result<()> {
    let frames = usize::from(arguments.frames.unwrap_or(USUAL_FRAMES));
    let (corners, all) = (seeds.0.len(), seeds.0.len() * frames);
    if corners < 2 {
        let problem = "--interpolate needs two seeds or more, such as 3,8,21";
        return Err(UsageError(problem.to_owned()).into());
    }
    if all > MOST_FRAMES {
        return Err(UsageError(format!(
            "{corners} seeds with {frames} frames each are {all} frames; {MOST_FRAMES} is the most"
        ))
        .into());
    }
    let corners: Vec<Latents> = seeds.0.iter().copied().map(latents).collect();
    let way: Vec<Latents> = closed_way(&corners, frames).collect();
    let [height, width, channels] = artist.shape();
    let out = match place(arguments.out.as_deref(), all, artist.checkpoint())? {
        Place::File(file) => {
            let mut animation = Animation::new(height, width, channels, FRAME_TIME)?;
            for part in way.chunks(SAMPLING_BATCH) {
                animation.push(&artist.pictures(part).await?)?;
            }
            write_picture(file, "gif", &animation.finish()?)?
        }
        Place::Folder(folder) => {
            for (part, latents) in way.chunks(SAMPLING_BATCH).enumerate() {
                let pixels = artist.pictures(latents).await?;
                for (place, image) in pixels.chunks_exact(height * width * channels).enumerate() {
                    let png = image_png(image, height, width, channels)?;
                    folder.write(&frame_name(part * SAMPLING_BATCH + place), &png)?;
                }
            }
            folder.path().to_owned()
        }
    };
    say(format_args!("{}: {all} frames of {}", out.display(), artist.source()));
    answer(out.display(), &artist.answer(vec![&out], all, None));
    Ok(())
}

/// Where the frames go.
enum Place<'a> {
    /// A GIF, a new one if it has no name.
    File(Option<&'a Path>),
    Folder(NewFolder),
}

/// A file if its name ends in `.gif`, and a folder if its name has no such end or it is one.
fn place<'a>(out: Option<&'a Path>, frames: usize, checkpoint: &Path) -> anyhow::Result<Place<'a>> {
    let file = |path| {
        check_picture(path, "film.gif", checkpoint)?;
        Ok(Place::File(path))
    };
    let Some(path) = out else { return file(None) };
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("gif") => file(Some(path)),
        Some(_) if !path.is_dir() => {
            let problem =
                "--interpolate writes a file that ends in .gif, or PNG files into a folder";
            Err(UsageError(format!("--out {}: {problem}", path.display())).into())
        }
        _ => {
            let names: Vec<String> = (0..frames).map(frame_name).collect();
            Ok(Place::Folder(NewFolder::open(path, "--out", &names)?))
        }
    }
}

fn frame_name(frame: usize) -> String {
    format!("frame-{frame:05}.png")
}
