//! `ganvas sample`: pictures from a checkpoint.

mod artist;
mod film;
mod neighbours;
mod new_files;
mod subjects;

use crate::{args::SampleArguments, exit::InputError, progress::say, run_directory::check_out};
use artist::Artist;
use film::film;
use gan::{
    files::write_atomic,
    picture::{grid_png, image_png},
    sampling::{Latents, SAMPLING_BATCH},
};
use neighbours::TrainingImages;
use new_files::{NewFolder, new_file};
use std::{fs, path::Path};
use subjects::Subject;

/// Draws the pictures that the arguments ask for.
pub(crate) async fn sample(arguments: &SampleArguments) -> anyhow::Result<()> {
    let artist = Artist::open(arguments).await?;
    match (&arguments.interpolate, &arguments.each) {
        (Some(seeds), _) => film(arguments, seeds, artist).await,
        (None, Some(folder)) => each(arguments, folder, artist).await,
        (None, None) => grid(arguments, artist).await,
    }
}

/// Draws all pictures into one.
async fn grid(arguments: &SampleArguments, mut artist: Artist) -> anyhow::Result<()> {
    if let Some(out) = &arguments.out {
        check_out(out, "--out", "grid.png")?;
    }
    let subjects = subjects::asked_for(arguments);
    let latents: Vec<Latents> = subjects.iter().map(|subject| subject.latents).collect();
    let training_images = match arguments.nearest {
        Some(count) => Some(TrainingImages::of_run(arguments, count.into())?),
        None => None,
    };
    let pixels = artist.pictures(&latents).await?;
    let (png, findings) = match &training_images {
        Some(images) => images.beside(&subjects, &pixels)?,
        None => {
            let [height, width, channels] = artist.shape();
            (grid_png(&pixels, height, width, channels)?, Vec::new())
        }
    };
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => new_file("png")?,
    };
    write_atomic(&out, &png).map_err(|error| {
        if arguments.out.is_none() {
            // It holds the name and nothing else.
            let _ = fs::remove_file(&out);
        }
        InputError::new(&out, format!("cannot be written: {error}"))
    })?;
    say(format_args!("{}: {} pictures of {}", out.display(), subjects.len(), artist.source()));
    findings.iter().for_each(say);
    Ok(())
}

/// Draws each picture into a file of its own.
async fn each(
    arguments: &SampleArguments,
    folder: &Path,
    mut artist: Artist,
) -> anyhow::Result<()> {
    let mut subjects = subjects::asked_for(arguments);
    subjects::remove_repeated(&mut subjects);
    let names: Vec<String> = subjects.iter().map(Subject::file_name).collect();
    let folder = NewFolder::open(folder, "--each", &names)?;
    let [height, width, channels] = artist.shape();
    for (subjects, names) in subjects.chunks(SAMPLING_BATCH).zip(names.chunks(SAMPLING_BATCH)) {
        let latents: Vec<Latents> = subjects.iter().map(|subject| subject.latents).collect();
        let pixels = artist.pictures(&latents).await?;
        for (name, image) in names.iter().zip(pixels.chunks_exact(height * width * channels)) {
            folder.write(name, &image_png(image, height, width, channels)?)?;
        }
    }
    let folder = folder.path().display();
    say(format_args!("{folder}: {} PNG files of {}", names.len(), artist.source()));
    Ok(())
}
