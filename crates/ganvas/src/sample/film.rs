//! From seed to seed, as a GIF or a folder of frames.

use super::{
    Artist,
    new_files::{NewFolder, new_file},
};
use crate::{
    args::SampleArguments,
    exit::{InputError, UsageError},
    progress::say,
    run_directory::check_out,
    seeds::Seeds,
};
use gan::{
    files::write_atomic,
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
    let out = match place(arguments.out.as_deref(), all)? {
        Place::File(file) => {
            let mut animation = Animation::new(height, width, channels, FRAME_TIME)?;
            for part in way.chunks(SAMPLING_BATCH) {
                animation.push(&artist.pictures(part).await?)?;
            }
            let out = match file {
                Some(file) => file.to_owned(),
                None => new_file("gif")?,
            };
            let written = write_atomic(&out, &animation.finish()?);
            written.map_err(|error| InputError::new(&out, error.to_string()))?;
            out
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
    Ok(())
}

/// Where the frames go.
enum Place<'a> {
    /// A GIF, a new one if it has no name.
    File(Option<&'a Path>),
    Folder(NewFolder),
}

/// A file if its name ends in `.gif`, and a folder if its name has no such end or it is one.
fn place(out: Option<&Path>, frames: usize) -> anyhow::Result<Place<'_>> {
    let Some(path) = out else { return Ok(Place::File(None)) };
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("gif") => {
            check_out(path, "--out", "film.gif")?;
            Ok(Place::File(Some(path)))
        }
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
